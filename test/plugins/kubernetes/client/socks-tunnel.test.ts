import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openSocksTunnel } from '../../../../plugins/kubernetes/client/socks-tunnel.ts'
import { socksProxy, type SocksOptions } from '../../../fixtures/socks-proxy.ts'

const TARGET = 'kube.example:6443'
const TIMEOUT_MS = 10_000

/** A server that greets at once, and a proxy that leads to it. */
async function surroundings (t: Test, options?: SocksOptions) {
  const server = createServer(client => client.on('error', () => {}).write('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return await socksProxy(t, (server.address() as AddressInfo).port, options)
}

t.test('the proxy gets the name or the address of the target, and the tunnel leads there', async t => {
  const { url, targets, credentials } = await surroundings(t)
  for (const target of [TARGET, '10.96.0.1:443', '[2001:db8::1:2]:80', '[::1]:1', '[1:2:3:4:5:6:7:8]:65535']) {
    const socket = await openSocksTunnel(url, target, TIMEOUT_MS)
    const [greeting] = await once(socket, 'data')
    t.equal(String(greeting), 'hello')
    socket.destroy()
  }
  t.strictSame(targets, [
    '3 kube.example:6443',
    '1 0a600001:443',
    '4 20010db8000000000000000000010002:80',
    '4 00000000000000000000000000000001:1',
    '4 00010002000300040005000600070008:65535'
  ])
  t.strictSame(credentials, [])
})

t.test('a proxy that requires a password gets that of its URL, and one that does not gets none', async t => {
  const { url, credentials } = await surroundings(t, { password: 'me:p@ss' })
  const socket = await openSocksTunnel(url.replace('//', '//me:p%40ss@'), TARGET, TIMEOUT_MS)
  socket.destroy()
  t.strictSame(credentials, ['me:p@ss'])
  const open = await surroundings(t)
  const second = await openSocksTunnel(open.url.replace('//', '//me:p%40ss@'), TARGET, TIMEOUT_MS)
  second.destroy()
  t.strictSame(open.credentials, [])
})

for (const [name, options, user, message] of [
  ['that requires a password', { password: 'a:b' }, '', /refused a tunnel to kube\.example:6443: it requires a user /],
  ['to which the password is wrong', { password: 'a:b' }, 'a:secret@', /refused .* the password is wrong$/],
  ['that cannot reach the target', { reply: 5 }, 'a:secret@', /refused .*: the connection was refused$/],
  ['with an unknown reply', { reply: 99 }, '', /refused .*: SOCKS reply 99$/],
  ['that speaks HTTP', { garbage: 'HTTP/1.1 400 Bad Request' }, '', /refused .*: it is not a SOCKS5 proxy$/],
  ['that closes the connection', { garbage: '' }, '', /refused .*: it closed the connection$/]
] as Array<[string, SocksOptions, string, RegExp]>) {
  t.test(`a proxy ${name} is reported, without its password`, async t => {
    const { url } = await surroundings(t, options)
    const tunnel = openSocksTunnel(url.replace('//', `//${user}`), TARGET, TIMEOUT_MS)
    const error: unknown = await tunnel.catch((error: unknown) => error)
    t.match(error, { name: 'ProxyError', code: 'PROXY_REFUSED', message })
    t.notMatch(error, { message: /secret/ })
  })
}

t.test('a proxy that does not answer, or does not exist, cannot be used', async t => {
  const { url } = await surroundings(t, { silent: true })
  await t.rejects(openSocksTunnel(url, TARGET, 50), {
    code: 'UND_ERR_CONNECT_TIMEOUT', message: /did not open a tunnel to kube\.example:6443 within 0\.05 s$/
  })
  await t.rejects(openSocksTunnel('socks5://127.0.0.1:1', TARGET, TIMEOUT_MS), {
    name: 'ProxyError', code: 'ECONNREFUSED', message: /^the proxy socks5:\/\/127\.0\.0\.1:1 cannot be used: /
  })
})

t.test('a user name that SOCKS cannot carry is reported', async t => {
  const { url } = await surroundings(t, { password: 'a:b' })
  await t.rejects(openSocksTunnel(url.replace('//', `//${'x'.repeat(256)}@`), TARGET, TIMEOUT_MS), {
    name: 'ProxyError', message: /cannot be used: a name or password has more than 255 bytes$/
  })
})
