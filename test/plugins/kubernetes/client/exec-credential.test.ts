import { join } from 'node:path'
import t from 'tap'
import { execCredential, providerCredential } from '../../../../plugins/kubernetes/client/exec-credential.ts'

const user = (script: string) => ({
  name: 'u',
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', script] }
})

t.test('a program returns a token or a certificate, and gets KUBERNETES_EXEC_INFO', async t => {
  t.strictSame(await execCredential('config', user('printf \'{"status":{"token":"secret"}}\'') as never), {
    authorization: 'Bearer secret'
  })
  t.strictSame(
    await execCredential(
      'config',
      user('printf \'{"status":{"clientCertificateData":"cert","clientKeyData":"key"}}\'') as never
    ),
    { cert: 'cert', key: 'key' }
  )
  const withInfo = await execCredential(
    'config',
    user('printf \'{"status":{"token":"%s"}}\' "$(echo "$KUBERNETES_EXEC_INFO" | tr -cd "[:alnum:]")"') as never
  )
  t.strictSame(withInfo, {
    authorization: 'Bearer kindExecCredentialapiVersionclientauthenticationk8siov1specinteractivefalse'
  })
})

t.test('the error of a program that returns no credentials has its name and its last line', async t => {
  const refused = { code: 'ClusterUnavailable' }
  await t.rejects(execCredential('config', user('echo first >&2; echo no session >&2; exit 1') as never), {
    ...refused,
    message: /config takes the credentials from the program \/bin\/sh, which returned none: no session/
  })
  await t.rejects(execCredential('config', user('echo nonsense') as never), refused)
  await t.rejects(execCredential('config', { name: 'u', exec: { command: '/no/such/program' } } as never), {
    ...refused,
    message: /ENOENT/
  })
})

t.test('an old auth-provider is asked through client-node', async t => {
  const folder = t.testdir({
    config: JSON.stringify({
      'current-context': 'other',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://api' } }],
      users: [
        {
          name: 'u',
          user: {
            'auth-provider': { name: 'gcp', config: { 'access-token': 'secret', expiry: '2999-01-01T00:00:00Z' } }
          }
        }
      ]
    })
  })
  const credential = await providerCredential(join(folder, 'config'), 'here')
  t.equal(credential.authorization, 'Bearer secret')
  t.ok(credential.expiresAt! > Date.now())
  await t.rejects(providerCredential(join(folder, 'none'), 'here'), { code: 'ClusterUnavailable' })
})
