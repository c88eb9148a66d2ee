import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createPortOwner } from '../../../plugins/local/port-owner.ts'

async function listen (t: Test, host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host)
  t.teardown(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('a port is owned by the process that listens on it, and by no other', async t => {
  const { isOwn } = createPortOwner()
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => other.kill('SIGKILL'))
  await once(other, 'spawn')
  for (const host of ['127.0.0.1', '::']) {
    const port = await listen(t, host)
    t.equal(await isOwn(port, async () => [other.pid!, process.pid], new Set()), true, host)
    t.equal(await isOwn(port, async () => [other.pid!], new Set()), false, `${host}, of another process`)
    t.equal(await isOwn(port, async () => [], new Set()), false, `${host}, of no process`)
    t.equal(await isOwn(port, async () => [4_194_305], new Set()), false, `${host}, of a process that has ended`)
  }
})

t.test('a socket that was found once is not looked for again', async t => {
  const { isOwn } = createPortOwner()
  const port = await listen(t, '127.0.0.1')
  const known = new Set<number>()
  t.equal(await isOwn(port, async () => [process.pid], known), true)
  t.equal(known.size, 1)
  t.equal(await isOwn(port, async () => { throw new Error('looked again') }, known), true)
})

t.test('a port with one socket of a stranger is not owned, nor one without a socket', async t => {
  const port = await listen(t, '127.0.0.1')
  const [own] = await (async () => {
    const known = new Set<number>()
    await createPortOwner().isOwn(port, async () => [process.pid], known)
    return [...known]
  })()
  const two = createPortOwner(async () => [{ uid: 0, inode: own! }, { uid: 0, inode: 1 }])
  t.equal(await two.isOwn(port, async () => [process.pid], new Set()), false)
  const none = createPortOwner(async () => [])
  t.equal(await none.isOwn(port, async () => [process.pid], new Set()), false)
})
