import { join } from 'node:path'
import t from 'tap'
import { Value } from 'typebox/value'
import { kubernetesConfigOf } from '../../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../../plugins/kubernetes/config/keys.ts'
import { jobPlaceOf } from '../../../plugins/kubernetes/job-place.ts'
import { kubeconfig, shellExec } from '../../fixtures/kubeconfig.ts'
import { keptRules } from '../../fixtures/key-rules.ts'

const placeOf = async (keys: object, environment: Record<string, string> = {}) =>
  await jobPlaceOf(kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...keys }, keptRules), environment)

const context = (name: string, cluster: string, namespace?: string): object => ({
  name, context: { cluster, user: 'u', ...(namespace !== undefined && { namespace }) }
})
const server = (name: string, more: object): object => ({ name, cluster: { server: 'https://api:6443', ...more } })

const file = join(t.testdir({
  config: kubeconfig({
    user: shellExec('exit 1'),
    more: {
      contexts: [
        context('here', 'c', 'jobs'),
        context('again', 'same', 'jobs'),
        context('other-namespace', 'c', 'more'),
        context('no-namespace', 'c'),
        context('elsewhere', 'far', 'jobs'),
        context('by-proxy', 'proxy', 'jobs'),
        context('by-name', 'name', 'jobs')
      ],
      clusters: [
        server('c', {}),
        server('same', { server: 'HTTPS://API:6443/', 'certificate-authority': '/none' }),
        server('far', { server: 'https://api:6443/far' }),
        server('proxy', { 'proxy-url': 'http://me:secret@proxy' }),
        server('name', { 'tls-server-name': 'second' })
      ]
    }
  })
}), 'config')

t.test('contexts of the same server and namespace are one place, and no credential is read', async t => {
  const here = await placeOf({ kubeconfig: file })
  t.match(here, { words: 'the namespace jobs of the API server https://api:6443', key: 'kubernetes-namespace' })
  t.strictSame(await placeOf({ kubeconfig: file, 'kubeconfig-context': 'again' }), here)
  t.strictSame(await placeOf({ kubeconfig: file, 'kubeconfig-context': 'no-namespace', 'default-namespace': 'jobs' }),
    here)
  t.strictSame(await placeOf({ 'kubeconfig-context': 'again' }, { KUBECONFIG: `/none:${file}` }), here)
  t.strictSame(await placeOf({ 'api-url': 'https://api:6443/', 'kubernetes-namespace': 'jobs' }), here)
})

t.test('another namespace, server, proxy or name of the certificate is another place', async t => {
  const contexts = ['here', 'other-namespace', 'elsewhere', 'by-proxy', 'by-name']
  const places = await Promise.all(contexts.map(name => placeOf({ kubeconfig: file, 'kubeconfig-context': name })))
  t.equal(new Set(places.map(({ id }) => id)).size, contexts.length)
  for (const { words } of places) t.notMatch(words, /secret/)
  t.not((await placeOf({ kubeconfig: file, 'kubernetes-namespace': 'mine' })).id, places[0]!.id)
})

t.test('in a pod, the place is in the cluster of the pod', async t => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
  t.match(await placeOf({ 'kubernetes-namespace': 'jobs' }, pod), {
    words: 'the namespace jobs of the API server https://10.0.0.1'
  })
})

t.test('a missing context or file is named', async t => {
  await t.rejects(placeOf({ kubeconfig: file, 'kubeconfig-context': 'x' }), { code: 'ConfInvalid', details: { file } })
  await t.rejects(placeOf({ kubeconfig: '/none' }), { code: 'FileNotReadable' })
})
