// Finds for each process of the machine the job that it belongs to: the rules of process-tree.ts, for all jobs at once.

import type { ProcessFacts } from './process-tree.ts'
import type { ProcessUsage } from './process-usage.ts'

/** A running job, by the pid of its supervisor. */
export interface OwnerOfProcesses {
  readonly id: string
  /** User id that the job runs as. Undefined if it is unknown: then only its session, group and children count. */
  readonly uid: number | undefined
}

/** What was found out about a process that no session leads to, by its pid and start time. */
export type KnownProcesses = Map<string, { readonly uid: number | undefined, readonly jobId: string | undefined }>

/**
 * Resolves with the pids of the processes of each job, by id of the job. `bySupervisor` has the running jobs. Replaces
 * what `known` has by what it knows of these processes.
 */
export async function processesByJob (
  processes: ReadonlyMap<number, ProcessUsage>,
  bySupervisor: ReadonlyMap<number, OwnerOfProcesses>,
  facts: ProcessFacts,
  known: KnownProcesses
): Promise<Map<string, ProcessUsage[]>> {
  const byId = new Map(Array.from(bySupervisor.values(), owner => [owner.id, owner]))
  const uids = new Set(Array.from(bySupervisor.values(), ({ uid }) => uid))
  const owners = new Map<number, OwnerOfProcesses | undefined>()
  const before = new Map(known)
  known.clear()

  async function factsOf ({ pid, startTicks }: ProcessUsage): Promise<{ uid?: number, jobId?: string }> {
    const key = `${pid} ${startTicks}`
    let found = known.get(key) ?? before.get(key)
    if (found === undefined) {
      const uid = facts.uid(pid)
      found = { uid, jobId: uid !== undefined && uids.has(uid) ? await facts.jobId(pid) : undefined }
    }
    known.set(key, found)
    return found as { uid?: number, jobId?: string }
  }

  /** Children of a job's processes, and processes with its id in their environment, count only as its own user. */
  async function ownerOf (process: ProcessUsage): Promise<OwnerOfProcesses | undefined> {
    const near = bySupervisor.get(process.session) ?? bySupervisor.get(process.processGroup) ??
      bySupervisor.get(process.ppid)
    if (near !== undefined) return near
    const { uid, jobId } = await factsOf(process)
    if (uid === undefined || !uids.has(uid)) return undefined
    const parent = processes.get(process.ppid)
    const inherited = parent && await remembered(parent)
    if (inherited?.uid === uid) return inherited
    const named = jobId === undefined ? undefined : byId.get(jobId)
    return named?.uid === uid ? named : undefined
  }

  async function remembered (process: ProcessUsage): Promise<OwnerOfProcesses | undefined> {
    if (owners.has(process.pid)) return owners.get(process.pid)
    // The processes may form a circle, because they were not all read at the same time.
    owners.set(process.pid, undefined)
    const owner = await ownerOf(process)
    owners.set(process.pid, owner)
    return owner
  }

  const found = new Map<string, ProcessUsage[]>()
  for (const process of processes.values()) {
    // Most processes are decided at once: an await for each would cost more than the rest.
    const near = bySupervisor.get(process.session)
    if (near !== undefined) owners.set(process.pid, near)
    const owner = near ?? await remembered(process)
    if (owner === undefined || process.hasExited) continue
    const members = found.get(owner.id)
    if (members === undefined) found.set(owner.id, [process])
    else members.push(process)
  }
  return found
}
