import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { checkServer, clockSkewMs } from '../../../../plugins/kubernetes/doctor/api-server.ts'
import { noOpenssl, selfSigned } from '../../../fixtures/self-signed.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

type Test = Parameters<typeof tinyServer>[0]
const version = (gitVersion: string, minor: string): object => ({ major: '1', minor, gitVersion })

async function check (
  t: Test,
  answer: RequestListener,
  now = Date.now,
  headers: Record<string, string> = { authorization: 'Bearer x' }
) {
  const { url: server } = await tinyServer(t, answer)
  const { findings, usable } = await checkServer(
    { server, headers, tls: { rejectUnauthorized: true } },
    now
  )
  return { server, usable, findings, of: (id: string) => findings.find(({ check }) => check === id) }
}

t.test('a server that answers is reported with its version', async t => {
  const { of, usable, server } = await check(t, (request, reply) =>
    json(reply, request.headers.authorization === 'Bearer x' ? 200 : 500, version('v1.31.4', '31+'))
  )
  t.ok(usable)
  t.match(of('api-server'), { state: 'ok', message: `The API server ${server} answers; Kubernetes v1.31.4.` })
  t.match(of('clock'), { state: 'ok' })
  t.match(of('credentials'), { state: 'ok' })
  t.match(of('tls'), { state: 'warning', message: /not encrypted/ })
})

t.test('a version before 1.31 is a warning', async t => {
  const { of, usable } = await check(t, (_, reply) => json(reply, 200, version('v1.30.14', '30+')))
  t.ok(usable)
  t.match(of('api-server'), { state: 'warning', message: /v1\.30\.14/, help: /1\.31/ })
})

t.test('a clock that differs by more than five seconds is a warning', async t => {
  const answer: RequestListener = (_, reply) => json(reply, 200, version('v1.31.4', '31'))
  t.match((await check(t, answer, () => Date.now() - 60_000)).of('clock'), {
    state: 'warning',
    message: /(?:59|60|61) s ahead of/
  })
  t.match((await check(t, answer, () => Date.now() + 60_000)).of('clock'), {
    state: 'warning',
    message: /(?:58|59|60|61) s behind/
  })
  t.match((await check(t, answer, () => Date.now() + 3000)).of('clock'), { state: 'ok' })
  t.match(
    (
      await check(t, (_, reply) => {
        reply.sendDate = false
        json(reply, 200, version('v1.31.4', '31'))
      })
    ).of('clock'),
    { state: 'skipped' }
  )
})

t.test('rejected credentials are reported with the server\'s message, and the server is not usable', async t => {
  const { of, usable } = await check(t, (_, reply) => json(reply, 401, { kind: 'Status', message: 'Unauthorized' }))
  t.notOk(usable)
  t.match(of('api-server'), { state: 'ok' })
  t.match(of('credentials'), {
    state: 'missing',
    message: 'The API server rejects the credentials (the server: Unauthorized).',
    help: /auth-token-path/
  })
})

t.test('an account without credentials is not called accepted', async t => {
  for (const [status, state] of [[200, 'warning'], [403, 'warning'], [401, 'missing']] as const) {
    const { of, usable } = await check(t, (_, reply) => json(reply, status, version('v1.31.4', '31')), Date.now, {})
    t.equal(usable, state === 'warning')
    t.match(of('credentials'), { state, message: /^No credentials are configured/, help: /auth-token-path/ })
  }
})

t.test('a server that is not an API server, and one that cuts the connection, are reported', async t => {
  const other = await check(t, (_, reply) => { reply.end('<html>') })
  t.notOk(other.usable)
  t.match(other.findings, [
    { check: 'api-server', state: 'missing', message: /not as an API server does: status 200 \(the server: <html>\)/ }
  ])
  const cut = await check(t, request => {
    request.socket.destroy()
  })
  t.notOk(cut.usable)
  t.match(cut.findings, [
    { check: 'api-server', state: 'missing', message: /did not answer GET \/version/, help: /Check the address/ }
  ])
})

t.test('the help for a refused certificate depends on what is wrong with it', { skip: noOpenssl }, async t => {
  const { certificate, key } = selfSigned(t.testdir(), 'DNS:other.example')
  const ca = readFileSync(certificate, 'utf8')
  const server = createServer({ cert: ca, key: readFileSync(key) }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const [trusted, help] of [
    [{}, /^Configure the certificate authority/],
    [{ ca, servername: 'wrong.example' }, /^Use an address that the certificate names, correct tls-server-name/]
  ] as const) {
    const { findings } = await checkServer({ server: url, headers: {}, tls: { ...trusted, rejectUnauthorized: true } },
      Date.now)
    t.match(findings, [{ check: 'api-server', state: 'missing', message: /is not trusted/, help }])
  }
})

const DATE = 'Wed, 25 Nov 2026 00:00:10 GMT'
const at = Date.parse(DATE)

t.test('a second that overlaps the time between request and reply is no skew', async t => {
  t.equal(clockSkewMs(DATE, at - 500, at + 500), 0)
  t.equal(clockSkewMs(DATE, at + 999, at + 1200), 0)
  t.equal(clockSkewMs(DATE, at - 200, at), 0)
})

t.test('the certain difference is returned with its sign', async t => {
  t.equal(clockSkewMs(DATE, at - 8000, at - 7000), 7000)
  t.equal(clockSkewMs(DATE, at + 9999, at + 12_000), -9000)
})

t.test('without a valid Date header the skew is undefined', async t => {
  t.equal(clockSkewMs(undefined, 0, 1), undefined)
  t.equal(clockSkewMs('soon', 0, 1), undefined)
})
