import t from 'tap'
import type { KubernetesConfig } from '../../../../plugins/kubernetes/config/config.ts'
import { restartKeys } from '../../../../plugins/kubernetes/config/restart-keys.ts'

const processLogs = { mode: 'auto', dataPath: '/srv', folder: 'process-logs' } as const
const config = {
  namespace: 'jobs', fetchLimit: 500, watchTimeoutSeconds: 590, jobExpiryHours: 24, processLogs
} as KubernetesConfig

t.test('a key that connections and watches were made from takes effect only after a restart', async t => {
  t.strictSame(restartKeys(config, { ...config }), [])
  t.strictSame(restartKeys(config, { ...config, jobExpiryHours: 1, serviceAccount: 'x' }), [])
  t.strictSame(
    restartKeys(config, { ...config, namespace: 'other', writesPerSecond: 5, fetchLimit: 10 }),
    ['kubernetes-namespace', 'fetch-limit', 'writes-per-second']
  )
  t.strictSame(restartKeys(config, { ...config, processLogs: { ...processLogs } }), [])
  t.strictSame(
    restartKeys(config, { ...config, processLogs: { mode: 'node', folder: 'logs' } }),
    ['output', 'data-dir-path', 'log-dir']
  )
  t.strictSame(restartKeys({ ...config, kubeconfig: '/a' }, config), ['kubeconfig'], 'a key that was taken out')
})
