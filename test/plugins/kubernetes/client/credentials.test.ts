import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { loadCredentials } from '../../../../plugins/kubernetes/client/credentials.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const log = pino({ level: 'silent' })

t.test('the service account of a pod yields an address, a token and a certificate authority', async t => {
  const folder = t.testdir({ token: 'secret', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'fd00::1', port: '443', folder }, log)
  t.strictSame(await credentials.access(), {
    server: 'https://[fd00::1]',
    headers: { authorization: 'Bearer secret' },
    tls: { ca: PEM, rejectUnauthorized: true }
  })
  t.equal(
    (await (await loadCredentials({ host: '10.0.0.1', port: '6443', folder }, log)).access()).server,
    'https://10.0.0.1:6443'
  )
})

t.test('a token file that is replaced by rename is read again', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log)
  await writeFile(join(folder, 'next'), 'new')
  await rename(join(folder, 'next'), join(folder, 'token'))
  let authorization: string | undefined
  do authorization = (await credentials.access()).headers.authorization
  while (authorization === 'Bearer old' && (await new Promise(resolve => setTimeout(resolve, 20, true))))
  t.equal(authorization, 'Bearer new')
})

t.test('a rejected token is read again at once, and once for concurrent callers', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log)
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
    const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log)
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
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log)
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

t.test('an expired credential is renewed although no file has changed', async t => {
  const folder = t.testdir({ runs: '' })
  const script = `printf x >>${join(folder, 'runs')}; printf ` +
    `'{"status":{"token":"%s","expirationTimestamp":"2020-01-01T00:00:00Z"}}' "$(wc -c <${join(folder, 'runs')})"`
  await writeFile(join(folder, 'config'), JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://api' } }],
    users: [{ name: 'u', user: { exec: { command: '/bin/sh', args: ['-c', script] } } }]
  }))
  const credentials = await loadCredentials({ kubeconfig: join(folder, 'config') }, log)
  t.equal((await credentials.access()).headers.authorization, 'Bearer 1')
  let authorization: string | undefined
  do authorization = (await credentials.access()).headers.authorization
  while (authorization === 'Bearer 1' && (await new Promise(resolve => setTimeout(resolve, 20, true))))
  t.equal(authorization, 'Bearer 2')
})

t.test('a source that cannot be used is rejected at once', async t => {
  await t.rejects(loadCredentials({ kubeconfig: '/no/such/file' }, log), { code: 'FileNotReadable' })
  await t.rejects(loadCredentials({ apiUrl: 'nonsense', verifyCertificates: true }, log), { code: 'ConfInvalid' })
})
