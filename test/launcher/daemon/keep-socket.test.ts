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
  const note = (_facts: object, text: string): void => { lines.push(text) }
  const kept = await keepSocket(server, socketPath, { owner: undefined, log: { warn: note, error: note } as never })
  t.teardown(() => Promise.all([server.close(), kept.close()]))
  const ask = async (path = '/'): Promise<string> => {
    const asked = request({ socketPath, path, agent: new Agent() })
    asked.end()
    const [reply] = await once(asked, 'response')
    return await text(reply)
  }
  return { server, socketPath, kept, lines, ask, gate }
}

t.test('a socket that is there is left alone', async t => {
  const { socketPath, kept, lines, ask } = await build(t)
  const { ino } = statSync(socketPath)
  await kept.check()
  t.equal(statSync(socketPath).ino, ino)
  t.equal(await ask(), 'here')
  t.strictSame(lines, [])
})

t.test('a socket that was removed is opened again, also twice, and requests on the old one end', async t => {
  const { socketPath, kept, lines, ask, gate } = await build(t)
  const slow = [ask('/slow')]
  t.equal(await ask(), 'here')
  for (let round = 0; round < 2; round++) {
    rmSync(socketPath)
    await kept.check()
    t.equal(statSync(socketPath).mode & 0o777, 0o600)
    slow.push(ask('/slow'))
    t.equal(await ask(), 'here')
  }
  gate.resolve()
  t.strictSame(await Promise.all(slow), ['late', 'late', 'late'])
  t.strictSame(lines, Array(2).fill('removed socket open again'))
})

t.test('a file in its place is left alone and reported once', async t => {
  const { socketPath, kept, lines, ask } = await build(t)
  rmSync(socketPath)
  writeFileSync(socketPath, 'mine')
  await kept.check()
  await kept.check()
  t.strictSame(lines, ['removed socket not opened'])
  rmSync(socketPath)
  await kept.check()
  t.equal(await ask(), 'here')
})

t.test('the end waits for requests that came through a new socket, and leaves no file', async t => {
  const { server, socketPath, kept, ask, gate } = await build(t)
  rmSync(socketPath)
  await kept.check()
  const late = ask('/slow')
  await ask()
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
  t.equal(existsSync(socketPath), false, 'a socket that is closed stays closed')
})
