// Finds the processes that belong to a job, even if they tried to escape from it.

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { createEventLoopBudget } from '../../launcher/lib/event-loop-budget.ts'
import { hasExited, readProcessStat, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

export type Processes = ReadonlyMap<number, ProcessStat>

export interface Tree {
  readonly id: string
  /** Undefined if it has ended and its pid is unknown. */
  readonly supervisor: Pick<StartedSupervisor, 'pid' | 'startTicks'> | undefined
  /** User id that the job runs as. Undefined if it is unknown. */
  readonly uid: number | undefined
}

/** What the kernel knows of a process beyond its stat. Read only if the stat does not decide. */
export interface ProcessFacts {
  /** JOB_LAUNCHER_JOB_ID in its environment. */
  readonly jobId: (pid: number) => Promise<string | undefined> | string | undefined
  readonly uid: (pid: number) => number | undefined
}

/**
 * Returns the living processes of the job except its supervisor: its session and process group, their descendants, and
 * every process with the job's id in its environment. The last two count only if they belong to the job's own user,
 * because a program can put another job's id into an environment, and can leave a process to another user on purpose.
 * `supervised`: the supervisor lives. Otherwise the id of its session may belong to an unrelated daemon by now, so only
 * the environment identifies the job's processes. Without a user id only the session, the group and the children count.
 * Pure.
 */
export async function membersOf (
  tree: Tree, processes: Processes, supervised: boolean, facts: ProcessFacts
): Promise<ProcessStat[]> {
  const supervisor = tree.supervisor?.pid
  const members = new Map<number, ProcessStat>()
  for (const stat of processes.values()) {
    if (stat.pid === supervisor) continue
    const near =
      supervised && (stat.session === supervisor || stat.processGroup === supervisor || stat.ppid === supervisor)
    const carriesId = async (): Promise<boolean> =>
      tree.uid !== undefined && facts.uid(stat.pid) === tree.uid && await facts.jobId(stat.pid) === tree.id
    if (near || await carriesId()) members.set(stat.pid, stat)
  }
  let grown = members.size > 0 && tree.uid !== undefined
  while (grown) {
    grown = false
    for (const stat of processes.values()) {
      if (members.has(stat.pid) || !members.has(stat.ppid) || stat.pid === supervisor) continue
      if (facts.uid(stat.pid) !== tree.uid) continue
      members.set(stat.pid, stat)
      grown = true
    }
  }
  return [...members.values()].filter(stat => !hasExited(stat))
}

export const kernelFacts: ProcessFacts = {
  async jobId (pid) {
    let descriptor: number | undefined
    try {
      descriptor = openSync(`/proc/${pid}/environ`, 'r')
      return await readJobId(descriptor)
    } catch {
      return undefined
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  },
  uid (pid) {
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
  }
}

const VARIABLE = Buffer.from('\0JOB_LAUNCHER_JOB_ID=')
/** An id and the NUL byte after it. */
const ID_BYTES = 27
/** Bytes of an environment that are read at once, which takes well below a millisecond. */
const PIECE_BYTES = 1 << 17
/** The kernel's limit for the arguments and the environment of a program: 6 MiB. */
const MAX_ENVIRONMENT_BYTES = 6 << 20
/** Milliseconds per event-loop iteration for reading environments, whose size programs choose. */
const TURN_MS = 5
const yieldIfBusy = createEventLoopBudget({ ms: TURN_MS })
/** One reader at a time uses it, within one event-loop iteration. */
const piece = Buffer.alloc(PIECE_BYTES)

async function readJobId (descriptor: number): Promise<string | undefined> {
  // Each piece begins with the end of the one before, where the variable may begin. The first begins with a NUL byte.
  const overlap = VARIABLE.length + ID_BYTES
  let before = Buffer.from('\0')
  for (let position = 0; position < MAX_ENVIRONMENT_BYTES;) {
    await yieldIfBusy()
    before.copy(piece)
    const bytesRead = readSync(descriptor, piece, before.length, PIECE_BYTES - before.length, position)
    const filled = piece.subarray(0, before.length + bytesRead)
    const at = filled.indexOf(VARIABLE)
    const from = at + VARIABLE.length
    if (at !== -1 && (from + ID_BYTES <= filled.length || bytesRead === 0)) {
      return filled.toString('latin1', from, Math.min(filled.length, from + ID_BYTES)).split('\0', 1)[0]
    }
    if (bytesRead === 0) return undefined
    position += bytesRead
    before = Buffer.from(filled.subarray(-overlap))
  }
  return undefined
}

const PROCESSES_AT_ONCE = 200
let underWay: Promise<Processes> | undefined
let next: Promise<Processes> | undefined

/**
 * Resolves with all processes of the machine, as they were at some time after the call. Callers share a scan that has
 * not begun yet, so that stopping a thousand jobs does not scan /proc a thousand times.
 */
export function readProcesses (): Promise<Processes> {
  next ??= (async () => {
    await underWay
    underWay = next!
    next = undefined
    return await readAll()
  })()
  return next
}

async function readAll (): Promise<Processes> {
  const processes = new Map<number, ProcessStat>()
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number)
  for (const [index, pid] of pids.entries()) {
    if (index % PROCESSES_AT_ONCE === 0) await setImmediate()
    const stat = readProcessStat(pid)
    if (stat !== undefined) processes.set(pid, stat)
  }
  return processes
}
