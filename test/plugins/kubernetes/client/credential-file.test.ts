import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { readKubeconfig } from '../../../../plugins/kubernetes/client/kubeconfig.ts'
import { systemCertificates } from '../../../../plugins/kubernetes/client/system-certificates.ts'
import { readApiAccess } from '../../../../plugins/kubernetes/client/token-credentials.ts'
import { readCredentialFile } from '../../../../plugins/kubernetes/client/credential-file.ts'

t.test('returns the text of the file, or rejects with the path that cannot be read', async t => {
  const folder = t.testdir({ token: 'secret\n' })
  t.equal(await readCredentialFile(join(folder, 'token')), 'secret\n')
  await t.rejects(readCredentialFile(join(folder, 'none')), {
    code: 'FileNotReadable',
    message: `Cannot read ${join(folder, 'none')} for the access to Kubernetes: ENOENT.`
  })
})

t.test('a FIFO in the place of any file of the credentials is refused at once, and named', async t => {
  const fifo = join(t.testdir(), 'fifo')
  execFileSync('mkfifo', [fifo])
  const refusal = {
    code: 'FileNotReadable',
    message: `Cannot read ${fifo} for the access to Kubernetes: it is not a regular file.`,
    details: { file: fifo }
  }
  const access = { apiUrl: 'https://c', verifyCertificates: true }
  await t.rejects(readKubeconfig({ kubeconfig: fifo }, {})(), refusal)
  await t.rejects(readKubeconfig({ kubeconfig: [fifo] }, {})(), refusal)
  await t.rejects(readApiAccess({ ...access, tokenFile: fifo }, {}), refusal)
  await t.rejects(readApiAccess({ ...access, certificateAuthority: fifo }, {}), refusal)
  for (const [cluster, auth] of [
    [{ 'certificate-authority': fifo }, {}],
    [{}, { tokenFile: fifo }],
    [{}, { 'client-certificate': fifo, 'client-key': fifo }]
  ]) {
    const kubeconfig = join(t.testdir({
      config: JSON.stringify({
        'current-context': 'x',
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://c', ...cluster } }],
        users: [{ name: 'u', user: auth }]
      })
    }), 'config')
    execFileSync('mkfifo', ['-m', '600', fifo])
    await t.rejects(readKubeconfig({ kubeconfig }, {})(), { message: new RegExp(`${fifo}.* it is not a regular file`) })
  }
  t.equal(await systemCertificates({ SSL_CERT_FILE: fifo, SSL_CERT_DIR: '/none' }), undefined)
})
