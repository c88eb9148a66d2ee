import t from 'tap'
import type { KubernetesConfig } from '../../../../plugins/kubernetes/config/keys.ts'
import { restartKeys } from '../../../../plugins/kubernetes/config/restart-keys.ts'

const config = {
  'kubernetes-namespace': 'jobs',
  'fetch-limit': 500,
  'watch-timeout-seconds': 590,
  'job-expiry-hours': 24
} as KubernetesConfig

t.test('a key that connections and watches were made from takes effect only after a restart', async t => {
  t.strictSame(restartKeys(config, { ...config }), [])
  t.strictSame(
    restartKeys(config, {
      ...config,
      'job-expiry-hours': 1,
      'default-service-account': 'x',
      'start-deadline-seconds': 1
    }),
    []
  )
  t.strictSame(
    restartKeys(config, { ...config, 'kubernetes-namespace': 'other', 'writes-per-second': 5, 'fetch-limit': 10 }),
    ['kubernetes-namespace', 'fetch-limit', 'writes-per-second']
  )
  t.strictSame(restartKeys({ ...config, kubeconfig: '/a' }, config), ['kubeconfig'], 'a key that was taken out')
})
