import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { closeServer } from '../../../launcher/http/close-server.ts'
import type { Server } from '../../../launcher/http/service.ts'
import { createStreams } from '../../../launcher/http/streams.ts'

/** A server whose reply waits for `answer`; `asked` resolves when the request has arrived. */
async function served (t: Test) {
  const answer = Promise.withResolvers<string>()
  const asked = Promise.withResolvers<void>()
  const server = fastify() as unknown as Server
  server.get('/', async () => {
    asked.resolve()
    return await answer.promise
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const sent = request({ host: '127.0.0.1', port: (server.server.address() as AddressInfo).port, agent }).end()
  await asked.promise
  return { server, sent, answer: answer.resolve }
}

const nothing = async (): Promise<void> => {}

t.test('a request in flight is answered before the server has ended, and its idle connection is closed', async t => {
  const { server, sent, answer } = await served(t)
  const closed = closeServer(server, createStreams(), 60_000, nothing)
  answer('late')
  const [reply] = await once(sent, 'response')
  t.equal(await text(reply), 'late')
  await closed
})

t.test('a request that takes longer than the grace is cut', async t => {
  const { server, sent, answer } = await served(t)
  const cut = once(sent, 'response').catch(({ code }: NodeJS.ErrnoException) => code)
  const closed = closeServer(server, createStreams(), 1, nothing)
  t.equal(await cut, 'ECONNRESET')
  answer('too late')
  await closed
})

t.test('the server has ended only when the other listeners have', async t => {
  const { server, sent, answer } = await served(t)
  const more = Promise.withResolvers<void>()
  answer('now')
  await text((await once(sent, 'response'))[0])
  let ended = false
  const closed = closeServer(server, createStreams(), 60_000, () => more.promise).then(() => { ended = true })
  await once(server.server, 'close')
  t.notOk(ended)
  more.resolve()
  await closed
})
