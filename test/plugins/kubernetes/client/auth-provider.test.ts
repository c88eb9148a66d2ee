import t from 'tap'
import { providerCredential } from '../../../../plugins/kubernetes/client/auth-provider.ts'

const soon = Math.floor(Date.now() / 1000) + 3600
const token = ['{"alg":"none"}', `{"exp":${soon}}`, ''].map(part => Buffer.from(part).toString('base64url')).join('.')

t.test('a valid id-token of OpenID Connect is used, and looked at again after a minute', async t => {
  const { authorization, expiresAt } = await providerCredential('config', {
    name: 'oidc', config: { 'id-token': token, 'client-id': 'c', 'idp-issuer-url': 'https://127.0.0.1:1' }
  })
  t.equal(authorization, `Bearer ${token}`)
  t.ok(expiresAt! > Date.now())
})

t.test('a provider that returns no credentials is reported with its name', async t => {
  const expired = ['{"alg":"none"}', '{"exp":1}', ''].map(part => Buffer.from(part).toString('base64url')).join('.')
  await t.rejects(providerCredential('/k/config', {
    name: 'oidc',
    config: { 'id-token': expired, 'refresh-token': 'r', 'client-id': 'c', 'idp-issuer-url': 'https://127.0.0.1:1' }
  }), {
    code: 'ClusterUnavailable',
    help: /^Log in with the provider again/,
    message: /^The kubeconfig \/k\/config takes the credentials from the auth-provider oidc, which returned none: /
  })
})
