import t from 'tap'
import { dataFolderOf, dataProblems } from '../../../../plugins/kubernetes/objects/data-volume.ts'

t.test('the data is a claim, a folder of an NFS server, or a folder of each node', async t => {
  const waitSeconds = 300
  const keys = { 'data-deadline-seconds': 300 }
  t.equal(dataFolderOf(keys), undefined)
  t.strictSame(dataFolderOf({ ...keys, 'data-dir-pvc-name': 'c' }), {
    source: { persistentVolumeClaim: { claimName: 'c' } },
    waitSeconds
  })
  t.strictSame(dataFolderOf({ ...keys, 'data-dir-pvc-name': 'c', 'data-dir-pvc-sub-path': 'x/y' }), {
    source: { persistentVolumeClaim: { claimName: 'c' } },
    subPath: 'x/y',
    waitSeconds
  })
  t.strictSame(dataFolderOf({ ...keys, 'data-dir': 'files.example:/export/x' }), {
    source: { nfs: { server: 'files.example', path: '/export/x' } },
    waitSeconds
  })
  for (const path of ['/data', '/odd:/folder']) {
    t.strictSame(dataFolderOf({ ...keys, 'data-dir': path }), {
      source: { hostPath: { path, type: 'Directory' } },
      path,
      waitSeconds
    })
  }
})

t.test('keys that exclude each other are reported', async t => {
  t.strictSame(dataProblems({ 'data-dir': '/d' }), [])
  t.strictSame(dataProblems({ 'data-dir-pvc-name': 'c', 'data-dir-pvc-sub-path': 'x' }), [])
  t.strictSame(dataProblems({ 'data-dir': '/d', 'data-dir-pvc-name': 'c' }), [
    { key: 'data-dir', problem: 'and data-dir-pvc-name are both set; set one of them' }
  ])
  t.strictSame(dataProblems({ 'data-dir-pvc-sub-path': 'x' }), [
    { key: 'data-dir-pvc-sub-path', problem: 'is set without data-dir-pvc-name, which it belongs to' }
  ])
})
