// A host stops a launcher and starts the next one at once.

import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { place, start, type Running } from './launcher-process.ts'

/** Half a request, which an orderly end waits for until its grace is over. */
async function halfRequest (path: string): Promise<Socket> {
  const socket = createConnection(path)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write('POST /v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
  await delay(200)
  return socket
}

async function untilLogged ({ log }: Running, text: string): Promise<void> {
  while (!log().includes(text)) await delay(20)
}

t.test('the next launcher waits until the last one has finished its requests', async t => {
  const here = place(t, { LogLevel: 'error' })
  const first = await start(t, here)
  const { id } = await here.client.submit({ name: 'outlives', command: 'sleep 60' })
  const socket = await halfRequest(here.socket)
  t.teardown(() => socket.destroy())
  const asked = Date.now()
  first.child.kill('SIGTERM')
  const next = await start(t, here)
  const took = Date.now() - asked
  t.same(await first.exit, [0, null])
  t.ok(took > 8000 && took < 15_000, `it was ready after ${took} ms`)
  const [line] = next.log().split('\n')
  t.match(JSON.parse(line!), {
    msg: 'waiting for launcher to stop',
    holder: first.pid,
    scratchPath: here.scratchPath
  })
  t.equal((await here.client.get(id)).status, 'Running')
})

t.test('a launcher that never ends its stop costs exit code 75, and one that runs costs 73', async t => {
  const here = place(t)
  const first = await start(t, here)
  const refused = async (): Promise<{ ready: object, exit: unknown }> => await start(t, here).then(
    () => { throw new Error('it started') },
    error => error
  )
  t.match(await refused(), { ready: { code: 'ScratchPathTaken' }, exit: [73, null] })

  const socket = await halfRequest(here.socket)
  t.teardown(() => socket.destroy())
  first.child.kill('SIGTERM')
  await untilLogged(first, 'stop')
  first.child.kill('SIGSTOP')
  const began = Date.now()
  t.match(await refused(), {
    ready: { code: 'PredecessorStopping', message: new RegExp(`pid ${first.pid}`), help: /again/ },
    exit: [75, null]
  })
  t.ok(Date.now() - began > 19_000, 'it waited for longer than an orderly end takes')
})
