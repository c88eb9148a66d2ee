// Finds where control groups are mounted, and which files set which limit. Pure.

import type { JobSubmission } from '../../launcher/plugin.ts'

type Limits = NonNullable<JobSubmission['resourceLimits']>

export interface CgroupMounts {
  readonly version: 1 | 2
  /** Folder in which groups with a memory limit can be created. */
  readonly memory?: string
  readonly cpu?: string
}

export interface LimitFile {
  readonly controller: 'memory' | 'cpu'
  readonly name: string
  readonly value: string
}

/** Period over which the kernel distributes CPU time, in microseconds. */
const PERIOD_US = 100_000

/** Takes /proc/self/mountinfo and /proc/self/cgroup. If both versions are mounted, version 1 has the controllers. */
export function cgroupMounts (mountinfo: string, ownGroups: string): CgroupMounts {
  const mounts = mountinfo.split('\n').flatMap(line => {
    const [before, after] = line.split(' - ')
    const [type, , options] = after?.split(' ') ?? []
    const [, , , root, folder] = before!.split(' ')
    return type === 'cgroup' || type === 'cgroup2'
      ? [{ type, root: root!, folder: folder!, controllers: options!.split(',') }]
      : []
  })
  const memory = version1('memory')
  const cpu = version1('cpu')
  if (memory !== undefined || cpu !== undefined) return { version: 1, ...(memory && { memory }), ...(cpu && { cpu }) }
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.folder
  return unified === undefined ? { version: 2 } : { version: 2, memory: unified, cpu: unified }

  /** Below the launcher's own group, so that limits on the launcher apply to its jobs. */
  function version1 (controller: string): string | undefined {
    const mount = mounts.find(({ type, controllers }) => type === 'cgroup' && controllers.includes(controller))
    if (mount === undefined) return undefined
    const own =
      ownGroups
        .split('\n')
        .map(line => line.split(':'))
        .find(([, controllers]) => controllers?.split(',').includes(controller))?.[2] ?? '/'
    const below = own.startsWith(mount.root) ? own.slice(mount.root.length).replace(/^\/+/, '') : ''
    return below === '' ? mount.folder : `${mount.folder}/${below}`
  }
}

/** Returns the files in the order in which they must be written. memorySwap counts memory and swap together. */
export function limitFiles (version: 1 | 2, limits: Limits): LimitFile[] {
  const memory = bytes('memory')
  const both = bytes('memorySwap')
  const cpus = limits.find(({ type }) => type === 'cpuCount')?.value
  const files: LimitFile[] = []
  const resident = memory ?? both
  if (resident !== undefined) {
    files.push({
      controller: 'memory',
      name: version === 2 ? 'memory.max' : 'memory.limit_in_bytes',
      value: String(resident)
    })
  }
  if (both !== undefined) {
    files.push(version === 2
      ? { controller: 'memory', name: 'memory.swap.max', value: String(both - resident!) }
      : { controller: 'memory', name: 'memory.memsw.limit_in_bytes', value: String(both) })
  }
  if (cpus !== undefined) {
    const quota = Math.max(1000, Math.round(cpus * PERIOD_US))
    files.push(version === 2
      ? { controller: 'cpu', name: 'cpu.max', value: `${quota} ${PERIOD_US}` }
      : { controller: 'cpu', name: 'cpu.cfs_quota_us', value: String(quota) })
  }
  return files

  function bytes (type: string): number | undefined {
    const megabytes = limits.find(limit => limit.type === type)?.value
    return megabytes === undefined ? undefined : Math.round(megabytes * 1_000_000)
  }
}
