import t from 'tap'
import { mountOf } from '../../../../plugins/kubernetes/doctor/mount-options.ts'

const MOUNTS = `25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 25 0:50 / /mnt/host rw,relatime shared:2 master:1 - nfs4 files:/export rw,vers=4.2,hard
41 40 0:51 / /mnt/host rw,noatime - nfs4 files:/export rw,vers=4.2,nocto,addr=10.0.0.1
42 25 0:52 / /mnt/a\\040b rw - tmpfs tmpfs rw
`

t.test('the mount of a path is the longest above it, and the last one there', t => {
  t.match(mountOf(MOUNTS, '/mnt/host/logs'), { path: '/mnt/host', type: 'nfs4' })
  t.ok(mountOf(MOUNTS, '/mnt/host')!.options.includes('nocto'))
  t.ok(mountOf(MOUNTS, '/mnt/host')!.options.includes('noatime'))
  t.match(mountOf(MOUNTS, '/mnt/hosting'), { path: '/', type: 'ext4' })
  t.match(mountOf(MOUNTS, '/mnt/a b/c'), { path: '/mnt/a b' })
  t.equal(mountOf('', '/mnt'), undefined)
  t.end()
})
