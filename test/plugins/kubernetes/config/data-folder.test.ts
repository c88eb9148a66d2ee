import t from 'tap'
import { dataFolderOf, type DataKeys } from '../../../../plugins/kubernetes/config/data-folder.ts'
import { broken, keptRules } from '../../../fixtures/key-rules.ts'

t.test('the data is a claim, a folder of an NFS server, or a folder of each node', async t => {
  const waitSeconds = 300
  const keys = { 'data-deadline-seconds': 300 }
  t.equal(dataFolderOf(keys, keptRules), undefined)
  t.strictSame(dataFolderOf({ ...keys, 'data-dir-pvc-name': 'c' }, keptRules), {
    source: { persistentVolumeClaim: { claimName: 'c' } },
    waitSeconds
  })
  t.strictSame(dataFolderOf({ ...keys, 'data-dir-pvc-name': 'c', 'data-dir-pvc-sub-path': 'x/y' }, keptRules), {
    source: { persistentVolumeClaim: { claimName: 'c' } },
    subPath: 'x/y',
    waitSeconds
  })
  t.strictSame(dataFolderOf({ ...keys, 'data-dir': 'files.example:/export/x' }, keptRules), {
    source: { nfs: { server: 'files.example', path: '/export/x' } },
    waitSeconds
  }, 'the launcher does not see it')
  t.match(dataFolderOf({ ...keys, 'data-dir': 'files.example:/export/x', 'data-dir-path': '/mnt' }, keptRules), {
    source: { nfs: { server: 'files.example', path: '/export/x' } },
    apartFrom: ['process-logs']
  })
  for (const path of ['/data', '/odd:/folder']) {
    t.strictSame(dataFolderOf({ ...keys, 'data-dir': path, 'log-dir': 'site/logs' }, keptRules), {
      source: { hostPath: { path, type: 'Directory' } },
      path,
      apartFrom: ['site/logs'],
      waitSeconds
    })
  }
})

t.test('keys that do not go together are reported', async t => {
  const brokenBy = (keys: DataKeys) => broken(rules => dataFolderOf(keys, rules))
  t.strictSame(brokenBy({ 'data-dir': '/d' }), [])
  t.strictSame(brokenBy({ 'data-dir-pvc-name': 'c', 'data-dir-pvc-sub-path': 'x' }), [])
  t.strictSame(brokenBy({ 'data-dir': '/d', 'data-dir-pvc-name': 'c' }), [
    'data-dir and data-dir-pvc-name are both set; set one of them'
  ])
  t.strictSame(brokenBy({ 'data-dir-pvc-sub-path': 'x' }), [
    'data-dir-pvc-sub-path is set without data-dir-pvc-name, which it belongs to'
  ])
})
