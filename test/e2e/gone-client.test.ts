// A request whose client has gone before it was accepted is not carried out, and a host that does not know what became
// of its request finds the job by its key.

import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createClient, type LauncherClient } from '../../launcher/client/client.ts'
import { isEnded } from '../../launcher/model/status.ts'
import { collect } from '../fixtures/collect.ts'
import { place, start, type Running } from './launcher-process.ts'

interface Reached {
  readonly running: Running
  readonly client: LauncherClient
  readonly open: () => Socket
  readonly headers: string
}

async function onSocket (t: Test): Promise<Reached> {
  const here = place(t)
  return { running: await start(t, here), client: here.client, open: () => connect(here.socket), headers: '' }
}

async function onTcp (t: Test): Promise<Reached> {
  const here = place(t, { Address: '127.0.0.1:0' })
  const running = await start(t, here)
  const address = String(running.ready.address)
  const key = readFileSync(join(here.scratchPath, 'launcher.key'), 'utf8').trim()
  const client = createClient({ address, keyFile: join(here.scratchPath, 'launcher.key') })
  t.teardown(() => client.close())
  const port = Number(address.split(':').at(-1))
  return { running, client, open: () => connect(port, '127.0.0.1'), headers: `Authorization: Bearer ${key}\r\n` }
}

function posted (path: string, body: object, headers: string): string {
  const text = JSON.stringify(body)
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}` +
    `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

for (const [kind, reach] of [['a Unix socket', onSocket], ['TCP', onTcp]] as const) {
  t.test(`what a client gave up on ${kind} before it was read is not accepted`, async t => {
    const { running, client, open, headers } = await reach(t)
    const { id } = await client.submit({ name: 'sleeps', exe: 'sleep', args: ['60'] })
    await client.readiness()
    process.kill(running.pid, 'SIGSTOP')
    const requests = [
      posted('/v1/jobs', { name: 'given up', exe: '/bin/true' }, headers),
      posted('/v1/jobs', { name: 'given up', exe: '/bin/true' }, `${headers}Idempotency-Key: k\r\n`),
      posted('/v1/jobs', { name: 'given up', exe: '/bin/true', stdin: 'x'.repeat(150_000) }, headers),
      posted(`/v1/jobs/${id}/control`, { operation: 'kill' }, headers)
    ]
    for (const request of requests) {
      const socket = open()
      await once(socket, 'connect')
      await new Promise(resolve => socket.write(request, resolve))
      socket.destroy()
    }
    const kept = open()
    await once(kept, 'connect')
    kept.write(posted('/v1/jobs', { name: 'wanted', exe: '/bin/true' }, headers))
    await delay(50)
    process.kill(running.pid, 'SIGCONT')
    const [reply] = await once(kept, 'data')
    t.match(String(reply), /^HTTP\/1.1 201/)
    kept.destroy()
    await delay(200)
    const names = (await collect(client.list())).map(({ name }) => name).sort()
    t.strictSame(names, ['sleeps', 'wanted'])
    t.strictSame(await collect(client.list({ idempotencyKey: 'k' })), [])
    t.notOk(isEnded((await client.get(id)).status), 'it was not killed')
    await client.control(id, 'kill')
  })
}

t.test('a job is found by the key that its submission had, by the one who submitted it', async t => {
  const { client } = await onSocket(t)
  const job = { name: 'a', exe: '/bin/true' }
  const { id } = await client.submit(job, { idempotencyKey: 'order 66/7' })
  await client.submit(job, { idempotencyKey: 'another' })
  const found = async (idempotencyKey: string) =>
    (await collect(client.list({ idempotencyKey }))).map(({ id }) => id)
  t.strictSame(await found('order 66/7'), [id])
  t.strictSame(await found('order'), [])
  await client.ended(id)
  await client.remove(id)
  await t.rejects(found('order 66/7'), { code: 'JobRemoved' })
})
