import t from 'tap'
import type { KubernetesConfig } from '../../../../plugins/kubernetes/config/keys.ts'
import { credentialSource } from '../../../../plugins/kubernetes/config/credential-source.ts'

const config = (keys: Partial<KubernetesConfig>): KubernetesConfig =>
  ({ 'verify-ssl-certs': true, ...keys }) as KubernetesConfig
const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }

t.test('a kubeconfig or an address is used, in a pod too', async t => {
  t.strictSame(credentialSource(config({ kubeconfig: '/k' }), pod), { kubeconfig: '/k' })
  t.strictSame(credentialSource(config({ 'api-url': 'https://a' }), pod), {
    apiUrl: 'https://a',
    verifyCertificates: true
  })
  t.strictSame(
    credentialSource(
      config({
        'api-url': 'https://a',
        'auth-token-path': '/t',
        'certificate-authority': 'Y2E=',
        'verify-ssl-certs': false
      }),
      {}
    ),
    { apiUrl: 'https://a', tokenFile: '/t', certificateAuthority: 'Y2E=', verifyCertificates: false }
  )
})

t.test('without either, a pod uses its own service account', async t => {
  t.strictSame(credentialSource(config({}), pod), {
    host: 'fd00::1',
    port: '443',
    folder: '/var/run/secrets/kubernetes.io/serviceaccount'
  })
})

t.test('two sources, and no source outside a pod, are refused', async t => {
  t.throws(() => credentialSource(config({ kubeconfig: '/k', 'api-url': 'https://a' }), pod), {
    code: 'ConfInvalid',
    message: /both given/
  })
  t.throws(() => credentialSource(config({}), {}), {
    code: 'ConfInvalid',
    message: /Nothing says where the API server is/
  })
  t.throws(() => credentialSource(config({}), { ...pod, KUBERNETES_SERVICE_PORT: '' }), { code: 'ConfInvalid' })
})
