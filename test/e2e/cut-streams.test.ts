// A launcher that stops cuts the bodies of its streams, so every client sees that they are not complete.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import t from 'tap'
import { place, start } from './launcher-process.ts'

async function get (socketPath: string, path: string, accept: string): Promise<IncomingMessage> {
  const sent = request({ socketPath, path, headers: { accept }, agent: false }).end()
  return (await once(sent, 'response') as [IncomingMessage])[0]
}

/** Returns what was received, and the code of the error that ended it. */
async function received (reply: IncomingMessage): Promise<{ text: string, error?: string }> {
  let text = ''
  try {
    for await (const piece of reply) text += piece
    return { text }
  } catch (error) {
    return { text, error: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}

const STREAMS: ReadonlyArray<[string, (id: string) => string, string]> = [
  ['raw output', id => `/v1/jobs/${id}/output?follow=true&stream=stdout`, '*/*'],
  ['output events', id => `/v1/jobs/${id}/output?follow=true&stream=stdout`, 'text/event-stream'],
  ['events of the job', id => `/v1/jobs/${id}/events`, 'text/event-stream'],
  ['events of all jobs', () => '/v1/jobs/events', 'text/event-stream'],
  ['resource usage', id => `/v1/jobs/${id}/resources`, 'text/event-stream'],
  ['usage of all jobs', () => '/v1/usage', 'text/event-stream']
]

t.test('SIGTERM breaks the body of every stream, and the client reads on after the restart', async t => {
  const here = place(t)
  const { child, exit } = await start(t, here)
  const { id } = await here.client.submit({
    name: 'writes',
    command: `echo first; until test -e ${here.folder}/go; do sleep 0.05; done; echo second`
  })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  const replies = await Promise.all(STREAMS.map(async ([, path, accept]) => await get(here.socket, path(id), accept)))
  const ends = replies.map(received)
  const read = here.client.output(id, { stream: 'stdout', follow: true })
  t.equal(String((await read.next()).value), 'first\n')
  child.kill('SIGTERM')
  for (const [index, [what]] of STREAMS.entries()) t.equal((await ends[index]!).error, 'ECONNRESET', what)
  t.equal((await ends[0]!).text, 'first\n')
  t.same((await exit)[0], 0)

  await start(t, here)
  writeFileSync(`${here.folder}/go`, '')
  t.equal(String((await read.next()).value), 'second\n')
  t.ok((await read.next()).done)
  for (const [what, path, accept] of STREAMS.slice(0, 3)) {
    const end = await received(await get(here.socket, path(id), accept))
    t.notOk(end.error, `${what} of an ended job is complete`)
    t.match(end.text, /second|Finished/, what)
  }
})
