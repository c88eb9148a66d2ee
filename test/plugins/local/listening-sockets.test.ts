import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { listensAs, readListeningSockets, socketsOnPort } from '../../../plugins/local/listening-sockets.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const row = (local: string, state: string, uid: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  ${uid}        ` +
  `0 ${1000 + uid} 1 0 100 0 0 10 0\n`
const ME = process.getuid!()

t.test('only sockets that listen where a connection to 127.0.0.1 ends count, with their users', async t => {
  const table = HEAD + row('00000000:0050', '0A', 7) + row('0100007F:0050', '0A', 8) + row('0100007F:0051', '01', 7) +
    row('0A00000A:0052', '0A', 7) + row('00000000:5000', '0A', 9)
  t.strictSame(socketsOnPort(table, 80, 'TCP'), [{ uid: 7, inode: 1007 }, { uid: 8, inode: 1008 }])
  for (const port of [81, 82, 5]) t.strictSame(socketsOnPort(table, port, 'TCP'), [], `port ${port}`)
  t.strictSame(socketsOnPort(HEAD + row('0100007F:0050', '07', 7), 80, 'UDP'), [{ uid: 7, inode: 1007 }])
  t.strictSame(socketsOnPort('', 80, 'TCP'), [])
})

async function tcpPort (t: Test, host: string): Promise<number> {
  const server = createServer().listen(0, host)
  t.teardown(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('a port on which this user listens is found in IPv4 and IPv6, TCP and UDP', async t => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const port = await tcpPort(t, host)
    t.equal(listensAs(ME, port, 'TCP'), true, host)
    t.equal(listensAs(ME + 1, port, 'TCP'), false, `${host}, of another user`)
    t.equal(listensAs(ME, port, 'UDP'), false, `${host}, another protocol`)
    t.match(await readListeningSockets(port), [{ uid: ME, inode: Number }], `${host}, read without waiting`)
  }
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  t.teardown(() => socket.close())
  await once(socket, 'listening')
  t.equal(listensAs(ME, socket.address().port, 'UDP'), true)
})

t.test("a port without a listener, or with another user's, is not the user's", async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.equal(listensAs(ME, port, 'TCP'), false)
  if (ME !== 0) return
  const program =
    'require("node:net").createServer().listen(0, "127.0.0.1", function () ' + '{ console.log(this.address().port) })'
  const child = spawn(process.execPath, ['-e', program], {
    uid: 65_534,
    gid: 65_534,
    stdio: ['ignore', 'pipe', 'ignore']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [text] = await once(child.stdout!, 'data')
  t.equal(listensAs(ME, Number(String(text)), 'TCP'), false, 'another user has the port')
  t.equal(listensAs(65_534, Number(String(text)), 'TCP'), true)
})
