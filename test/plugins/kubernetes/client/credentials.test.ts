import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { loadCredentials } from '../../../../plugins/kubernetes/client/credentials.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const log = pino({ level: 'silent' })

t.test('the service account of a pod is an address, a token and an authority', async t => {
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

t.test('a token that rotates is taken up, as Kubernetes rotates it (a link is changed)', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log)
  await writeFile(join(folder, 'next'), 'new')
  await rename(join(folder, 'next'), join(folder, 'token'))
  let seen: string | undefined
  do seen = (await credentials.access()).headers.authorization
  while (seen === 'Bearer old' && (await new Promise(resolve => setTimeout(resolve, 20, true))))
  t.equal(seen, 'Bearer new')
})

t.test('a refused token is read again at once, once for all who were refused', async t => {
  const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
  const credentials = await loadCredentials({ host: 'api', port: '443', folder }, log)
  const old = await credentials.access()
  await writeFile(join(folder, 'token'), 'new')
  const [one, other] = await Promise.all([credentials.refresh(old), credentials.refresh(old)])
  t.equal(one.headers.authorization, 'Bearer new')
  t.equal(one, other)
  await writeFile(join(folder, 'token'), 'newest')
  t.equal(await credentials.refresh(old), one, 'who was refused with the old one gets the present one')
  t.equal((await credentials.refresh(one)).headers.authorization, 'Bearer newest')
})

t.test(
  'a file that is gone for a moment leaves the old token in use, and is told when the server refuses that',
  async t => {
    const folder = t.testdir({ token: 'old', 'ca.crt': PEM })
    const warnings: unknown[] = []
    const credentials = await loadCredentials(
      { host: 'api', port: '443', folder },
      pino(
        { level: 'warn' },
        {
          write: (line: string) => {
            warnings.push(line)
          }
        }
      )
    )
    await rm(join(folder, 'token'))
    while (warnings.length === 0) {
      t.equal((await credentials.access()).headers.authorization, 'Bearer old')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    t.notMatch(String(warnings[0]), /Bearer/)
    await t.rejects(credentials.refresh(await credentials.access()), { code: 'FileNotReadable' })
  }
)

t.test('a credential that expires is renewed without a file having changed', async t => {
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
  let seen: string | undefined
  do seen = (await credentials.access()).headers.authorization
  while (seen === 'Bearer 1' && (await new Promise(resolve => setTimeout(resolve, 20, true))))
  t.equal(seen, 'Bearer 2')
})

t.test('what cannot be used at all is refused at once', async t => {
  await t.rejects(loadCredentials({ kubeconfig: '/no/such/file' }, log), { code: 'FileNotReadable' })
  await t.rejects(loadCredentials({ apiUrl: 'nonsense', verifyCertificates: true }, log), { code: 'ConfInvalid' })
})
