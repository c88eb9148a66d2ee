import t from 'tap'
import { cgroupMounts, limitFiles } from '../../../plugins/local/cgroup-files.ts'

const V1 = `
30 20 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 30 0:29 / /sys/fs/cgroup/memory rw shared:2 master:1 - cgroup cgroup rw,memory
`
const V1_CONTAINER = '33 30 0:29 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory'
const V2 = '31 30 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw,nsdelegate'

t.same(
  cgroupMounts(V1, '5:memory:/system.slice/host\n4:cpu,cpuacct:/\n0::/x'),
  { version: 1, memory: '/sys/fs/cgroup/memory/system.slice/host', cpu: '/sys/fs/cgroup/cpu,cpuacct' },
  "version 1, under the launcher's own groups"
)
t.same(
  cgroupMounts(V1_CONTAINER, '5:memory:/docker/abc/sub'),
  { version: 1, memory: '/sys/fs/cgroup/memory/sub' },
  'a container sees its own part only'
)
t.same(
  cgroupMounts(V1_CONTAINER, '5:memory:/elsewhere'),
  { version: 1, memory: '/sys/fs/cgroup/memory' },
  'a group outside what is mounted'
)
t.same(cgroupMounts(V2, '0::/user.slice'), { version: 2, memory: '/sys/fs/cgroup', cpu: '/sys/fs/cgroup' }, 'version 2')
t.same(cgroupMounts('21 1 8:1 / / rw - ext4 /dev/sda1 rw', ''), { version: 2 }, 'none')

t.test('limits become files in the order in which they must be written', t => {
  const limits = [
    { type: 'memorySwap', value: 300 },
    { type: 'cpuCount', value: 1.5 },
    { type: 'memory', value: 200 }
  ] as const
  t.same(limitFiles(1, [...limits]), [
    { controller: 'memory', name: 'memory.limit_in_bytes', value: '200000000' },
    { controller: 'memory', name: 'memory.memsw.limit_in_bytes', value: '300000000' },
    { controller: 'cpu', name: 'cpu.cfs_quota_us', value: '150000' }
  ])
  t.same(limitFiles(2, [...limits]), [
    { controller: 'memory', name: 'memory.max', value: '200000000' },
    { controller: 'memory', name: 'memory.swap.max', value: '100000000' },
    { controller: 'cpu', name: 'cpu.max', value: '150000 100000' }
  ])
  t.end()
})

t.test("memorySwap alone bounds memory, and the smallest CPU share is the kernel's", t => {
  t.same(limitFiles(2, [{ type: 'memorySwap', value: 1 }]).map(({ value }) => value), ['1000000', '0'])
  t.same(limitFiles(1, [{ type: 'cpuCount', value: 0.0001 }]).map(({ value }) => value), ['1000'])
  t.same(limitFiles(1, [{ type: 'cpuTime', value: 5 }]), [])
  t.end()
})
