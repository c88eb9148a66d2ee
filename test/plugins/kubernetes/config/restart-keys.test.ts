import t from 'tap'
import type { KubernetesConfig } from '../../../../plugins/kubernetes/config/config.ts'
import { restartKeys } from '../../../../plugins/kubernetes/config/restart-keys.ts'

const config = { namespace: 'jobs', fetchLimit: 500, watchTimeoutSeconds: 590, jobExpiryHours: 24 } as KubernetesConfig

t.test('a key that connections and watches were made from takes effect only after a restart', async t => {
  t.strictSame(restartKeys(config, { ...config }), [])
  t.strictSame(restartKeys(config, { ...config, jobExpiryHours: 1, serviceAccount: 'x' }), [])
  t.strictSame(
    restartKeys(config, { ...config, namespace: 'other', writesPerSecond: 5, fetchLimit: 10 }),
    ['kubernetes-namespace', 'fetch-limit', 'writes-per-second']
  )
  t.strictSame(restartKeys({ ...config, kubeconfig: '/a' }, config), ['kubeconfig'], 'a key that was taken out')
})
