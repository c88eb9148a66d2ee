import t from 'tap'
import { processLogsOf, type ProcessLogKeys } from '../../../../plugins/kubernetes/config/process-logs.ts'
import { broken, keptRules } from '../../../fixtures/key-rules.ts'

const claim = { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 1 }
const ofNodes = { source: { hostPath: { path: '/srv/host' } }, path: '/srv/host', waitSeconds: 1 }

t.test('the launcher sees a folder of the nodes at its own path, and other data where data-dir-path says', async t => {
  t.strictSame(processLogsOf({}, undefined, keptRules), { mode: 'auto', folder: 'process-logs' })
  t.strictSame(processLogsOf({}, claim, keptRules), { mode: 'auto', folder: 'process-logs' })
  t.strictSame(processLogsOf({}, ofNodes, keptRules), { mode: 'auto', dataPath: '/srv/host', folder: 'process-logs' })
  t.strictSame(processLogsOf({ output: 'data', 'data-dir-path': '/mnt/host', 'log-dir': 'a/b' }, claim, keptRules), {
    mode: 'data',
    dataPath: '/mnt/host',
    folder: 'a/b'
  })
  t.equal(processLogsOf({ 'data-dir-path': '/mnt/host' }, ofNodes, keptRules).dataPath, '/mnt/host')
})

t.test('output in the data without data that the launcher sees is reported', async t => {
  const brokenBy = (keys: ProcessLogKeys, data: Parameters<typeof processLogsOf>[1]) =>
    broken(rules => processLogsOf(keys, data, rules))
  t.strictSame(brokenBy({ output: 'data' }, ofNodes), [])
  t.strictSame(brokenBy({ output: 'data' }, undefined), ['output is data, which needs data-dir or data-dir-pvc-name'])
  t.strictSame(brokenBy({ output: 'data' }, claim), [
    'output is data, which needs data-dir-path, the path at which the launcher sees the data'
  ])
  t.strictSame(brokenBy({ 'data-dir-path': '/d' }, undefined), [
    'data-dir-path is set without data-dir or data-dir-pvc-name, the data that it shows'
  ])
})
