// Control groups, version 1 or 2: keeps the limits of memory and CPUs that a process cannot keep by itself.

import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../launcher/errors.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { cgroupMounts, limitFiles, type CgroupMounts } from './cgroup-files.ts'

/** What a supervisor must know of the cgroup that it puts its job into. */
export interface JobCgroup {
  readonly folders: readonly string[]
  readonly procsFiles: readonly string[]
  /** File with a line `oom_kill N`. */
  readonly eventsFile: string | undefined
}

export interface Cgroups {
  /** Whether a limit of this type can be kept. */
  can (type: string): boolean
  /** Makes the job's group with its limits; undefined when it has none that needs one. Safe to repeat. */
  make (id: string, submission: JobSubmission): JobCgroup | undefined
  /** Ends what is left in the job's group, if it has one, and removes it. Safe to repeat. */
  remove (id: string, submission: JobSubmission): void
  /** Removes the instance's own groups when no job needs them any more. */
  close (): void
}

/** The groups of one launcher instance. Which limits can be kept is found out once, here. */
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
      case 'cpuTime': return true
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

/** Only those controllers that the launcher may make groups under. */
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

/** Version 2 hands controllers down only from a group without processes, or from the root of all. */
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
  // What was killed just now may take a moment to leave; forget comes by again.
  removeIfEmpty(folder)
}

function removeIfEmpty (folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error
  }
}
