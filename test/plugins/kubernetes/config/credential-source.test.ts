import { resolve } from 'node:path'
import t from 'tap'
import { credentialSource } from '../../../../plugins/kubernetes/config/credential-source.ts'
import type { AccessConfig } from '../../../../plugins/kubernetes/config/config.ts'

const config = (access: Partial<AccessConfig>): AccessConfig => ({ verifyCertificates: true, ...access })
const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }

t.test('a kubeconfig or an address is used, in a pod too', async t => {
  t.strictSame(credentialSource(config({ kubeconfig: '/k' }), pod), { kubeconfig: '/k' })
  t.strictSame(credentialSource(config({ apiUrl: 'https://a' }), pod), {
    apiUrl: 'https://a',
    verifyCertificates: true
  })
  const access = { apiUrl: 'https://a', tokenFile: '/t', certificateAuthority: 'Y2E=', verifyCertificates: false }
  t.strictSame(credentialSource(access, {}), access)
})

t.test('a context is taken from the configured kubeconfig', async t => {
  t.strictSame(credentialSource(config({ kubeconfig: '/k', context: 'c' }), {}), { kubeconfig: '/k', context: 'c' })
})

t.test('KUBECONFIG lists files, which come after a configured access and before the account of a pod', async t => {
  const listed = { ...pod, KUBECONFIG: '/a::relative:/b:/a' }
  t.strictSame(credentialSource(config({ context: 'c' }), listed), {
    kubeconfig: ['/a', resolve('relative'), '/b'],
    context: 'c'
  })
  t.strictSame(credentialSource(config({ kubeconfig: '/k' }), listed), { kubeconfig: '/k' })
  t.match(credentialSource(config({ apiUrl: 'https://a' }), listed), { apiUrl: 'https://a' })
  t.match(credentialSource(config({}), { ...pod, KUBECONFIG: ':' }), { host: 'fd00::1' })
})

t.test('a context without a kubeconfig is refused, in a pod too', async t => {
  t.throws(() => credentialSource(config({ context: 'c' }), pod), {
    code: 'ConfInvalid',
    message: /^kubeconfig-context \(Launcher\.KubeconfigContext\) is set without a kubeconfig: set kubeconfig/
  })
})

t.test('without kubeconfig and api-url a pod uses its own service account', async t => {
  t.strictSame(credentialSource(config({}), pod), {
    host: 'fd00::1',
    port: '443',
    folder: '/var/run/secrets/kubernetes.io/serviceaccount'
  })
})

t.test('without kubeconfig and api-url a launcher outside a pod is refused', async t => {
  t.throws(() => credentialSource(config({}), {}), {
    code: 'ConfInvalid',
    message: /No access to the API server is configured/
  })
  t.throws(() => credentialSource(config({}), { ...pod, KUBERNETES_SERVICE_PORT: '' }), { code: 'ConfInvalid' })
})
