import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { copyFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import pino from 'pino'
import t from 'tap'
import { kubeconfig, printCredential, shellExec } from '../../../fixtures/kubeconfig.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { noOpenssl, selfSigned } from '../../../fixtures/self-signed.ts'
import { createKubeClient } from '../../../../plugins/kubernetes/client/client.ts'
import { loadCredentials } from '../../../../plugins/kubernetes/client/credentials.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const log = pino({ level: 'silent' })

t.test('the service account of a pod yields an address, a token and a certificate authority', async t => {
  const folder = t.testdir({ token: 'secret', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'fd00::1', port: '443', folder }, log, {})
  t.strictSame(await credentials.access(), {
    server: 'https://[fd00::1]',
    headers: { authorization: 'Bearer secret' },
    tls: { ca: PEM, rejectUnauthorized: true }
  })
  t.equal(
    (await (await loadCredentials({ host: '10.0.0.1', port: '6443', folder }, log, {})).access()).server,
    'https://10.0.0.1:6443'
  )
})

t.test('a token file that is replaced by rename is read again', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log, {})
  await writeFile(join(folder, 'next'), 'new')
  await rename(join(folder, 'next'), join(folder, 'token'))
  let authorization: string | string[] | undefined
  do authorization = (await credentials.access()).headers.authorization
  while (authorization === 'Bearer old' && (await new Promise(resolve => setTimeout(resolve, 20, true))))
  t.equal(authorization, 'Bearer new')
})

t.test('a rejected token is read again at once, and once for concurrent callers', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log, {})
  const old = await credentials.access()
  await writeFile(join(folder, 'token'), 'new')
  const [one, other] = await Promise.all([credentials.refresh(old), credentials.refresh(old)])
  t.equal(one.headers.authorization, 'Bearer new')
  t.equal(one, other)
  await writeFile(join(folder, 'token'), 'newest')
  t.equal(await credentials.refresh(old), one, 'a caller rejected with the old token gets the current one')
  t.equal((await credentials.refresh(one)).headers.authorization, 'Bearer newest')
})

t.test(
  'a missing token file leaves the old token in use, and fails the refresh after a rejection',
  async t => {
    const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
    const { log, lines } = recordingLog()
    const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log, {})
    await rm(join(folder, 'token'))
    while (lines.length === 0) {
      t.equal((await credentials.access()).headers.authorization, 'Bearer old')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    t.notMatch(JSON.stringify(lines), /Bearer/)
    await t.rejects(credentials.refresh(await credentials.access()), { code: 'FileNotReadable' })
  }
)

t.test('a token file that is readable again ends a logged outage, whether or not its content changed', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const { log, lines } = recordingLog()
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log, {})
  const untilLogged = async (count: number) => {
    while (lines.length < count) {
      await credentials.access()
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  await rename(join(folder, 'token'), join(folder, 'aside'))
  await untilLogged(1)
  await rename(join(folder, 'aside'), join(folder, 'token'))
  await untilLogged(2)
  await rm(join(folder, 'token'))
  await untilLogged(3)
  await writeFile(join(folder, 'token'), 'new')
  await untilLogged(4)
  const [failed, restored] = [
    { level: 40, msg: 'credential reload failed', err: { code: 'FileNotReadable' } },
    { level: 40, msg: 'credential reload restored', outageMs: Number }
  ]
  t.match(lines.filter(({ level }) => level === 40), [failed, restored, failed, restored])
  t.equal((await credentials.access()).headers.authorization, 'Bearer new')
})

/** A kubeconfig in a folder, whose program counts its runs in the file runs; `then` is the rest of its script. */
async function countedProgram (folder: string, then: string): Promise<string> {
  await writeFile(join(folder, 'config'), kubeconfig({
    cluster: { 'insecure-skip-tls-verify': true },
    user: shellExec(`printf x >>${join(folder, 'runs')}; runs=$(wc -c <${join(folder, 'runs')}); ${then}`)
  }))
  return join(folder, 'config')
}
const runsIn = (folder: string): number => readFileSync(join(folder, 'runs'), 'utf8').length

t.test('an expired credential is renewed although no file has changed, and not at each look', async t => {
  const folder = t.testdir({ runs: '' })
  const printed = printCredential('{"token":"%s","expirationTimestamp":"2020-01-01T00:00:00Z"}')
  const file = await countedProgram(folder, `${printed} "$runs"`)
  const credentials = await loadCredentials({ kubeconfig: file }, log, {})
  t.equal((await credentials.access()).headers.authorization, 'Bearer 1')
  const since = performance.now()
  while (runsIn(folder) === 1) {
    await credentials.access()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.ok(performance.now() - since > 4000, 'a look is due every second')
  t.equal((await credentials.access()).headers.authorization, 'Bearer 2')
})

t.test('a program that fails to renew a credential does not run at each look', async t => {
  const folder = t.testdir({ runs: '' })
  const printed = printCredential('{"token":"%s","expirationTimestamp":"2020-01-01T00:00:00Z"}')
  const file = await countedProgram(folder, `[ "$runs" = 1 ] || exit 1; ${printed} "$runs"`)
  const { log, lines } = recordingLog()
  const credentials = await loadCredentials({ kubeconfig: file }, log, {})
  while (runsIn(folder) < 3) {
    await credentials.access()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const failures = lines.filter(({ level, msg }) => level === 40 && msg === 'credential reload failed')
  t.equal(failures.length, 1)
  t.equal((await credentials.access()).headers.authorization, 'Bearer 1', 'until the server rejects it')
  await t.rejects(credentials.refresh(await credentials.access()), { code: 'ClusterUnavailable' })
})

t.test('a client certificate is used again only with its own key while both are replaced', { skip: noOpenssl },
  async t => {
    const folder = t.testdir({ old: {}, next: {} })
    const [old, next] = [selfSigned(join(folder, 'old')), selfSigned(join(folder, 'next'))]
    const user = { 'client-certificate': old.certificate, 'client-key': old.key }
    await writeFile(join(folder, 'config'), kubeconfig({ cluster: { 'insecure-skip-tls-verify': true }, user }))
    const { log, lines } = recordingLog()
    const credentials = await loadCredentials({ kubeconfig: join(folder, 'config') }, log, {})
    const before = (await credentials.access()).tls.cert
    await copyFile(next.certificate, old.certificate)
    while (lines.length === 0) {
      t.equal((await credentials.access()).tls.cert, before)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    t.match(lines[0], { msg: 'credential reload failed', err: { message: /cannot be used together/ } })
    await copyFile(next.key, old.key)
    while ((await credentials.access()).tls.cert === before) await new Promise(resolve => setTimeout(resolve, 20))
    const { cert, key } = (await credentials.access()).tls
    t.strictSame([cert, key], [readFileSync(next.certificate, 'utf8'), readFileSync(next.key, 'utf8')])
  })

t.test('a client certificate that is replaced on disk is presented to the server by the next call',
  { skip: noOpenssl }, async t => {
    const folder = t.testdir({ server: {}, old: {}, next: {} })
    const own = selfSigned(join(folder, 'server'), 'IP:127.0.0.1')
    const [old, next] = [selfSigned(join(folder, 'old')), selfSigned(join(folder, 'next'))]
    const server = createServer({
      cert: readFileSync(own.certificate), key: readFileSync(own.key), requestCert: true, rejectUnauthorized: false
    }, (request, reply) => {
      const { raw } = (request.socket as TLSSocket).getPeerCertificate()
      reply.end(JSON.stringify(new X509Certificate(raw).fingerprint256))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const file = join(folder, 'config')
    await writeFile(file, kubeconfig({
      cluster: {
        server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, 'certificate-authority': own.certificate
      },
      user: { 'client-certificate': old.certificate, 'client-key': old.key }
    }))
    const client = createKubeClient(await loadCredentials({ kubeconfig: file }, log, {}), log, { throttled () {} })
    t.teardown(async () => {
      await client.close()
      server.closeAllConnections()
      server.close()
    })
    const presented = () => client.call<string>({ method: 'GET', path: '/' })
    const fingerprint = (path: string) => new X509Certificate(readFileSync(path)).fingerprint256
    const before = fingerprint(old.certificate)
    t.equal(await presented(), before)
    await copyFile(next.key, old.key)
    await copyFile(next.certificate, old.certificate)
    let after
    do after = await presented()
    while (after === before && (await new Promise(resolve => setTimeout(resolve, 20, true))))
    t.equal(after, fingerprint(next.certificate))
  })

t.test('a source that cannot be used is rejected at once', async t => {
  await t.rejects(loadCredentials({ kubeconfig: '/no/such/file' }, log, {}), { code: 'FileNotReadable' })
  await t.rejects(loadCredentials({ apiUrl: 'nonsense', verifyCertificates: true }, log, {}), { code: 'ConfInvalid' })
})
