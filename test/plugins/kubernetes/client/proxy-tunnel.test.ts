import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, connect, type AddressInfo } from 'node:net'
import { createServer as createTls } from 'node:tls'
import pino from 'pino'
import t from 'tap'
import type { Access } from '../../../../plugins/kubernetes/client/access.ts'
import { createKubeClient, type KubeClient } from '../../../../plugins/kubernetes/client/client.ts'
import { isOutcomeUnknown } from '../../../../plugins/kubernetes/client/errors.ts'
import { connectProxy } from '../../../fixtures/connect-proxy.ts'
import { noOpenssl, selfSigned } from '../../../fixtures/self-signed.ts'
import { socksProxy } from '../../../fixtures/socks-proxy.ts'

type Test = Pick<typeof t, 'teardown' | 'testdir'>
const path = '/x'

/** An API server with a certificate for kube.example, which resolves nowhere: only a proxy leads to it. */
async function hiddenServer (t: Test, answer: (request: IncomingMessage, reply: ServerResponse) => void) {
  const files = selfSigned(t.testdir({}), 'DNS:kube.example,DNS:localhost')
  const [cert, key] = [readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8')]
  const server = createHttps({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: false }, answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return { cert, key, port: (server.address() as AddressInfo).port }
}

function clientThrough (t: Pick<Test, 'teardown'>, access: Pick<Access, 'tls' | 'proxy'>): KubeClient {
  const whole: Access = { server: 'https://kube.example:6443', headers: {}, ...access }
  const credentials = { access: async () => whole, refresh: async () => whole }
  const client = createKubeClient(credentials, pino({ level: 'silent' }), { throttled () {} })
  t.teardown(() => client.close())
  return client
}

t.test('calls, watches and log streams go through the proxy, each pool with tunnels of its own', { skip: noOpenssl },
  async t => {
    const seen: string[] = []
    const { cert, key, port } = await hiddenServer(t, (request, reply) => {
      const socket = request.socket as unknown as { authorized: boolean, servername: string }
      seen.push(`${request.url} ${socket.servername} ${socket.authorized}`)
      if (request.url === path) reply.end('{"kind":"List"}')
      else reply.write('line\n')
    })
    const proxy = await connectProxy(t, port)
    const withPassword = proxy.url.replace('//', '//me:p%40ss@')
    const client = clientThrough(t, { tls: { ca: cert, cert, key, rejectUnauthorized: true }, proxy: withPassword })
    t.strictSame(await client.call({ method: 'GET', path }), { kind: 'List' })
    t.strictSame(await client.call({ method: 'GET', path }), { kind: 'List' })
    const ofCalls = proxy.targets.length
    const stop = new AbortController()
    const streams = (['watch', 'stream', 'stream'] as const).map(kind =>
      client.open(kind, { path: `/${kind}`, signal: stop.signal })
    )
    for (const stream of streams) {
      await stream.next()
      t.equal(Buffer.from((await stream.next()).value as Uint8Array).toString(), 'line\n')
    }
    t.equal(proxy.targets.length, ofCalls + 3, 'each stream has a tunnel of its own')
    t.ok(proxy.targets.every(target => target === 'kube.example:6443'))
    t.strictSame(proxy.authorizations[0], `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
    t.strictSame(seen, [path, path, '/watch', '/stream', '/stream'].map(url => `${url} kube.example true`))
    const next = streams.map(stream => stream.next())
    proxy.cut()
    for (const { status } of await Promise.allSettled(next)) t.equal(status, 'rejected')
    stop.abort()
    t.strictSame(await client.call({ method: 'GET', path }), { kind: 'List' }, 'the next call opens another tunnel')
  })

t.test('calls and streams go through a SOCKS5 proxy, with the certificate of the server verified', { skip: noOpenssl },
  async t => {
    const { cert, port } = await hiddenServer(t, (request, reply) => {
      if (request.url === path) reply.end('{"kind":"List"}')
      else reply.write('line\n')
    })
    const proxy = await socksProxy(t, port, { password: 'me:p@ss' })
    const withPassword = proxy.url.replace('//', '//me:p%40ss@')
    const client = clientThrough(t, { tls: { ca: cert, rejectUnauthorized: true }, proxy: withPassword })
    t.strictSame(await client.call({ method: 'GET', path }), { kind: 'List' })
    const stop = new AbortController()
    const stream = client.open('watch', { path: '/watch', signal: stop.signal })
    await stream.next()
    t.equal(Buffer.from((await stream.next()).value as Uint8Array).toString(), 'line\n')
    stop.abort()
    t.strictSame(proxy.targets, ['3 kube.example:6443', '3 kube.example:6443'])
    const distrusting = clientThrough(t, { tls: { rejectUnauthorized: true }, proxy: withPassword })
    const errorOf = (client: KubeClient): Promise<unknown> =>
      client.call({ method: 'POST', path, noRetry: true }).catch((error: unknown) => error)
    t.match(await errorOf(distrusting), { name: 'NoAnswerError', reason: 'certificate' })
    const refused = clientThrough(t, { tls: { rejectUnauthorized: true }, proxy: proxy.url })
    const error = await errorOf(refused)
    t.match(error, { name: 'NoAnswerError', message: /refused a tunnel to kube\.example:6443: it requires a user / })
    t.equal(isOutcomeUnknown(error), false)
  })

t.test('the certificate of the API server is verified through the tunnel too', { skip: noOpenssl }, async t => {
  const { cert, port } = await hiddenServer(t, (_request, reply) => { reply.end('{}') })
  const { url } = await connectProxy(t, port)
  const call = (tls: Partial<Access['tls']>) =>
    clientThrough(t, { tls: { rejectUnauthorized: true, ...tls }, proxy: url })
      .call({ method: 'GET', path, noRetry: true })
  for (const tls of [{}, { ca: cert, servername: 'other' }]) {
    t.match(await call(tls).catch((error: unknown) => error), { name: 'NoAnswerError', reason: 'certificate' })
  }
  t.strictSame(await call({ ca: cert, servername: 'localhost' }), {})
})

t.test('a proxy that opens no tunnel is named without its password, and nothing was sent', async t => {
  const { url } = await connectProxy(t, 1, { refusal: '407 Proxy Authentication Required' })
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  for (const [proxy, message] of [
    [url, /the proxy http:\S+ refused a tunnel to kube\.example:6443: 407 Proxy Authentication Required\.$/],
    [`http://127.0.0.1:${port}`, /\(through the proxy http:\S+\) did not answer .* cannot be used: .*ECONNREFUSED/]
  ] as const) {
    const client = clientThrough(t, { tls: { rejectUnauthorized: true }, proxy: proxy.replace('//', '//me:secret@') })
    const error: unknown = await client.call({ method: 'POST', path, noRetry: true }).catch((error: unknown) => error)
    t.match(error, { name: 'NoAnswerError', message })
    t.notMatch(error, { message: /secret/ })
    t.equal(isOutcomeUnknown(error), false)
  }
})

t.test('a proxy with an https address is reached over TLS, with the authority of the cluster', { skip: noOpenssl },
  async t => {
    const { cert, key, port } = await hiddenServer(t, (_request, reply) => { reply.end('{}') })
    const inner = await connectProxy(t, port)
    const front = createTls({ cert, key }, client => {
      const upstream = connect(Number(new URL(inner.url).port), '127.0.0.1')
      client.on('error', () => upstream.destroy()).pipe(upstream).on('error', () => client.destroy()).pipe(client)
    }).listen(0, '127.0.0.1')
    await once(front, 'listening')
    t.teardown(() => { front.close() })
    const proxy = `https://localhost:${(front.address() as AddressInfo).port}`
    const client = clientThrough(t, { tls: { ca: cert, rejectUnauthorized: true }, proxy })
    t.strictSame(await client.call({ method: 'GET', path }), {})
    t.equal(inner.targets.length, 1)
    const distrusting = clientThrough(t, { tls: { rejectUnauthorized: true }, proxy })
    const call = distrusting.call({ method: 'GET', path, noRetry: true })
    const error: unknown = await call.catch((error: unknown) => error)
    t.match(error, { reason: 'certificate', message: /the proxy https:\S+ cannot be used/ })
  })
