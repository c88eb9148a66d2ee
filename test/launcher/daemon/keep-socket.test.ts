import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { keepSocket } from '../../../launcher/daemon/keep-socket.ts'
import { listen } from '../../../launcher/daemon/listen.ts'
import type { Server } from '../../../launcher/http/service.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

async function build (t: Test) {
  const socketPath = join(await temporaryFolder(t), 's')
  const server = fastify({ forceCloseConnections: 'idle' }) as unknown as Server
  const gate = Promise.withResolvers<void>()
  server.get('/', async () => 'here')
  server.get('/slow', async () => { await gate.promise; return 'late' })
  await listen(server, { socket: socketPath }, undefined)
  const lines: string[] = []
  const record = (_facts: object, text: string): void => { lines.push(text) }
  const kept = await keepSocket(server, socketPath, { owner: undefined, log: { warn: record, error: record } as never })
  t.teardown(() => Promise.all([server.close(), kept.close()]))
  const get = async (path = '/'): Promise<string> => {
    const sent = request({ socketPath, path, agent: new Agent() })
    sent.end()
    const [reply] = await once(sent, 'response')
    return await text(reply)
  }
  return { server, socketPath, kept, lines, get, gate }
}

t.test('an existing socket is left alone', async t => {
  const { socketPath, kept, lines, get } = await build(t)
  const { ino } = statSync(socketPath)
  await kept.check()
  t.equal(statSync(socketPath).ino, ino)
  t.equal(await get(), 'here')
  t.strictSame(lines, [])
})

t.test('a removed socket is opened again, even twice, and requests on the old one complete', async t => {
  const { socketPath, kept, lines, get, gate } = await build(t)
  const slow = [get('/slow')]
  t.equal(await get(), 'here')
  for (let round = 0; round < 2; round++) {
    rmSync(socketPath)
    await kept.check()
    t.equal(statSync(socketPath).mode & 0o777, 0o600)
    slow.push(get('/slow'))
    t.equal(await get(), 'here')
  }
  gate.resolve()
  t.strictSame(await Promise.all(slow), ['late', 'late', 'late'])
  t.strictSame(lines, Array(2).fill('removed socket open again'))
})

t.test('a file in place of the socket is left alone and reported once', async t => {
  const { socketPath, kept, lines, get } = await build(t)
  rmSync(socketPath)
  writeFileSync(socketPath, 'mine')
  await kept.check()
  await kept.check()
  t.strictSame(lines, ['removed socket not opened'])
  rmSync(socketPath)
  await kept.check()
  t.equal(await get(), 'here')
})

t.test('closing waits for requests through a reopened socket, and leaves no file', async t => {
  const { server, socketPath, kept, get, gate } = await build(t)
  rmSync(socketPath)
  await kept.check()
  const late = get('/slow')
  await get()
  let closed = false
  const closing = kept.close().then(() => { closed = true })
  const idle = setInterval(() => server.server.closeIdleConnections(), 10)
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(closed, false)
  gate.resolve()
  t.equal(await late, 'late')
  await closing
  clearInterval(idle)
  t.equal(existsSync(socketPath), false)
  await kept.check()
  t.equal(existsSync(socketPath), false, 'a closed socket is not opened again')
})
