// Finds the processes that belong to a job, whatever they did to get away from it.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { hasExited, readProcessStat, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

export type Processes = ReadonlyMap<number, ProcessStat>

export interface Tree {
  readonly id: string
  readonly supervisor: Pick<StartedSupervisor, 'pid' | 'startTicks'>
  /** Whom the job runs as. */
  readonly uid: number
}

/** What the kernel knows of a process beyond its stat; asked only where the stat does not decide. */
export interface ProcessFacts {
  /** JOB_LAUNCHER_JOB_ID of its environment. */
  readonly jobId: (pid: number) => string | undefined
  readonly uid: (pid: number) => number | undefined
}

/**
 * The living processes of the job except its supervisor: its session and process group, their descendants, and every
 * process that carries the job's id in its environment. Of the last two only those of the job's own user count, because
 * a program can put another job's id into an environment, and a process can be left to another user on purpose.
 * `supervised` says that the supervisor lives. If it does not, the number of its session may belong to an unrelated
 * daemon by now, so only the environment names the job's processes. Pure.
 */
export function membersOf (
  tree: Tree, processes: Processes, supervised: boolean, facts: ProcessFacts
): ProcessStat[] {
  const { pid: supervisor } = tree.supervisor
  const members = new Map<number, ProcessStat>()
  for (const stat of processes.values()) {
    if (stat.pid === supervisor) continue
    const near =
      supervised && (stat.session === supervisor || stat.processGroup === supervisor || stat.ppid === supervisor)
    if (near || (facts.uid(stat.pid) === tree.uid && facts.jobId(stat.pid) === tree.id)) members.set(stat.pid, stat)
  }
  let grown = members.size > 0
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
  jobId (pid) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
      return /(?:^|\0)JOB_LAUNCHER_JOB_ID=([^\0]*)/.exec(environment)?.[1]
    } catch {
      return undefined
    }
  },
  uid (pid) {
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
  }
}

const PROCESSES_AT_ONCE = 200
let underWay: Promise<Processes> | undefined
let next: Promise<Processes> | undefined

/**
 * All processes of the machine, as they were at some time after the call. Callers share a reading that has not begun
 * yet, so that stopping a thousand jobs does not read /proc a thousand times.
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
