import t from 'tap'
import { Value } from 'typebox/value'
import { kubernetesConfigOf, namespaceOf } from '../../../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../../../plugins/kubernetes/config/keys.ts'
import { broken, keptRules } from '../../../fixtures/key-rules.ts'

const keys = (changes: Partial<KubernetesKeys> = {}): KubernetesKeys => ({
  ...Value.Create(KubernetesKeys),
  ...changes
})

t.test('the keys become names and units of the plugin', async t => {
  t.match(kubernetesConfigOf(keys({
    'kubernetes-namespace': 'jobs',
    'start-deadline-seconds': 2,
    'interactive-image-pull-deadline-seconds': 3,
    'host-version': '1',
    'runtime-init-image': 'r',
    'data-dir': '/data'
  }), keptRules), {
    namespace: 'jobs',
    batchDeadlines: { imagePullMs: 900_000, startMs: 2000 },
    interactiveDeadlines: { imagePullMs: 3000, startMs: 600_000 },
    strategies: { r: 'nearest', python: 'nearest', quarto: 'nearest' },
    runtime: { image: 'r:1', mountPath: '/opt/rstudio-connect-runtime' },
    data: { path: '/data', waitSeconds: 300 }
  })
})

t.test('two ways to the API server are refused', async t => {
  const both = keys({ kubeconfig: '/k', 'api-url': 'https://a', 'auth-token-path': '/t' })
  for (const rendered of [false, true]) {
    t.strictSame(broken(rules => kubernetesConfigOf(both, rules), rendered), [
      'api-url and kubeconfig are both set; set one of them'
    ])
  }
})

t.test('the namespace is the configured one, else that of the context, else the default', async t => {
  const unset = kubernetesConfigOf(keys(), keptRules)
  t.equal(namespaceOf(unset), 'rstudio')
  t.equal(namespaceOf(unset, 'of-the-context'), 'of-the-context')
  const set = kubernetesConfigOf(keys({ 'kubernetes-namespace': 'jobs' }), keptRules)
  t.equal(namespaceOf(set, 'of-the-context'), 'jobs')
  t.equal(namespaceOf(kubernetesConfigOf(keys({ 'default-namespace': 'own' }), keptRules)), 'own')
})

t.test('a context is refused beside an address', async t => {
  const both = keys({ 'kubeconfig-context': 'c', 'api-url': 'https://a', 'auth-token-path': '/t' })
  t.strictSame(broken(rules => kubernetesConfigOf(both, rules), true), [
    'kubeconfig-context is set with api-url, but belongs to a kubeconfig'
  ])
})

t.test('settings that belong to an access that is not used are refused, keys written by hand are not', async t => {
  const access = keys({ 'auth-token-path': '/t', 'certificate-authority': 'QUJD' })
  t.strictSame(broken(rules => kubernetesConfigOf(access, rules)), [])
  t.strictSame(broken(rules => kubernetesConfigOf(access, rules), true), [
    'auth-token-path is set without api-url, which it belongs to',
    'certificate-authority is set without api-url, which it belongs to'
  ])
  t.strictSame(broken(rules => kubernetesConfigOf(keys({ 'api-url': 'https://a' }), rules), true), [
    'api-url is set without auth-token-path, the file of the token'
  ])
})
