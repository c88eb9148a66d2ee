// Control groups, version 1 or 2: enforce the limits of memory and CPUs, which no process can enforce on itself.

import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../launcher/errors.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { cgroupMounts, limitFiles, type CgroupMounts } from './cgroup-files.ts'

/** What a supervisor needs to put its job into a control group. */
export interface JobCgroup {
  readonly folders: readonly string[]
  readonly procsFiles: readonly string[]
  /** File with a line `oom_kill N`. */
  readonly eventsFile: string | undefined
}

export interface Cgroups {
  /** Whether a limit of this type can be enforced. */
  can (type: string): boolean
  /** Creates the job's group with its limits. Returns undefined if no limit needs a group. Safe to repeat. */
  make (id: string, submission: JobSubmission): JobCgroup | undefined
  /** Kills the processes in the job's group, if it has one, and removes the group. Safe to repeat. */
  remove (id: string, submission: JobSubmission): void
  /** Removes the instance's own groups, unless they still contain jobs. */
  close (): void
}

/** Opens the groups of one launcher instance. Detects once which limits can be enforced. */
export function openCgroups (instance: string): Cgroups {
  const mounts = usableMounts(
    cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'))
  )
  const parents = [...new Set([mounts.memory, mounts.cpu])]
    .filter(mount => mount !== undefined)
    .map(mount => join(mount, `job-launcher-${instance}`))
  const swap =
    mounts.memory !== undefined &&
    (mounts.version === 2 || existsSync(join(mounts.memory, 'memory.memsw.limit_in_bytes')))

  function can (type: string): boolean {
    switch (type) {
      case 'cpuTime':
      case 'output': return true
      case 'cpuCount': return mounts.cpu !== undefined
      case 'memory': return mounts.memory !== undefined
      case 'memorySwap': return swap
      default: return false
    }
  }

  return {
    can,
    make (id, submission) {
      const files = limitFiles(mounts.version, (submission.resourceLimits ?? []).filter(({ type }) => can(type)))
      if (files.length === 0) return undefined
      const folders = new Set<string>()
      for (const { controller, name, value } of files) {
        const parent = join(mounts[controller]!, `job-launcher-${instance}`)
        const folder = join(parent, id)
        mkdirSync(folder, { recursive: true })
        if (mounts.version === 2) writeFileSync(join(parent, 'cgroup.subtree_control'), '+memory +cpu')
        writeFileSync(join(folder, name), value)
        folders.add(folder)
      }
      const memoryFolder =
        files.find(({ controller }) => controller === 'memory') && join(mounts.memory!, `job-launcher-${instance}`, id)
      return {
        folders: [...folders],
        procsFiles: [...folders].map(folder => join(folder, 'cgroup.procs')),
        eventsFile: memoryFolder && join(memoryFolder, mounts.version === 2 ? 'memory.events' : 'memory.oom_control')
      }
    },
    remove (id, { resourceLimits }) {
      if (resourceLimits === undefined) return
      for (const parent of parents) removeGroup(join(parent, id))
    },
    close () {
      for (const parent of parents) removeIfEmpty(parent)
    }
  }
}

/** Returns only the controllers below which the launcher may create groups. */
function usableMounts ({ version, memory, cpu }: CgroupMounts): CgroupMounts {
  const usable = (mount: string | undefined): mount is string =>
    mount !== undefined && isWritable(mount) && (version === 1 || delegates(mount))
  return { version, ...(usable(memory) && { memory }), ...(usable(cpu) && { cpu }) }
}

function isWritable (folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Version 2 delegates controllers only from a group without processes, or from the root group. */
function delegates (mount: string): boolean {
  try {
    writeFileSync(join(mount, 'cgroup.subtree_control'), '+memory +cpu')
    return true
  } catch {
    return false
  }
}

function removeGroup (folder: string): void {
  if (!existsSync(folder)) return
  try {
    for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'latin1').split('\n')) {
      if (Number(pid) > 0) process.kill(Number(pid), 'SIGKILL')
    }
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes(systemCode(error) ?? '')) throw error
  }
  // A killed process may take a moment to leave the group. `destroy` removes the group later.
  removeIfEmpty(folder)
}

function removeIfEmpty (folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error
  }
}
