// Sends signals to all of a job's processes.

import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../../launcher/errors.ts'
import { readProcessStat, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import { findSupervisor } from './own-supervisor.ts'
import { kernelFacts, membersOf, readProcesses, type Tree } from './process-tree.ts'

/** Rounds of a kill; each ends everything that the one before had let be born. */
const MAX_ROUNDS = 100
const MAX_PAUSE_MS = 20
/** Milliseconds that a supervisor may take to be seen as stopped. */
const SUSPEND_MS = 200

/**
 * Asks all processes to end. A suspended job is woken, so that it can. Resolves with the processes outside the group,
 * which the job's tree may no longer show when their parents have ended: `kill` takes them.
 */
export async function terminate (tree: Tree): Promise<ProcessStat[]> {
  return await signalAll(tree, ['SIGTERM', 'SIGCONT'])
}

export async function resume (tree: Tree): Promise<void> {
  await signalAll(tree, ['SIGCONT'])
}

/** Returns when the job can be seen to be suspended. */
export async function suspend (tree: Tree): Promise<void> {
  await signalAll(tree, ['SIGSTOP'])
  const until = performance.now() + SUSPEND_MS
  while (supervisorOf(tree)?.state !== 'T' && performance.now() < until) await delay(1)
}

/**
 * Ends all but the supervisor, which then writes the exit code and ends by itself. Its group is stopped first, at one
 * blow, so that it cannot fork faster than it is killed. Ends `known` too, which an earlier `terminate` returned.
 * Returns when nothing is left.
 */
export async function kill (tree: Tree, known: readonly ProcessStat[] = []): Promise<void> {
  signalGroup(tree, 'SIGSTOP')
  try {
    for (const member of known) signalOne(member, 'SIGKILL')
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const members = await membersNow(tree)
      if (members.length === 0) break
      for (const member of members) signalOne(member, 'SIGKILL')
      await delay(Math.min(round, MAX_PAUSE_MS))
    }
  } finally {
    signalGroup(tree, 'SIGCONT')
  }
}

/** The processes of the job now, its supervisor included. */
export async function processesOf (tree: Tree): Promise<ProcessStat[]> {
  const supervisor = supervisorOf(tree)
  return [...(supervisor === undefined ? [] : [supervisor]), ...(await membersNow(tree))]
}

/**
 * Signals the group at one blow, then the processes outside it. The tree is read before the first signal, because a
 * process that ends leaves its children to process 1, and again after it, because the job may have forked meanwhile.
 */
async function signalAll (tree: Tree, signals: readonly NodeJS.Signals[]): Promise<ProcessStat[]> {
  const before = await outsideGroup(tree)
  for (const signal of signals) signalGroup(tree, signal)
  const known = new Set(before.map(keyOf))
  const after = (await outsideGroup(tree)).filter(member => !known.has(keyOf(member)))
  const outside = [...before, ...after]
  for (const member of outside) {
    for (const signal of signals) signalOne(member, signal)
  }
  return outside
}

async function outsideGroup (tree: Tree): Promise<ProcessStat[]> {
  return (await membersNow(tree)).filter(({ processGroup }) => processGroup !== tree.supervisor.pid)
}

async function membersNow (tree: Tree): Promise<ProcessStat[]> {
  const processes = await readProcesses()
  return await membersOf(tree, processes, supervisorOf(tree) !== undefined, kernelFacts)
}

function keyOf ({ pid, startTicks }: ProcessStat): string {
  return `${pid} ${startTicks}`
}

function signalGroup (tree: Tree, signal: NodeJS.Signals): void {
  if (supervisorOf(tree) !== undefined) send(-tree.supervisor.pid, signal)
}

function signalOne (member: ProcessStat, signal: NodeJS.Signals): void {
  if (readProcessStat(member.pid)?.startTicks === member.startTicks) send(member.pid, signal)
}

function supervisorOf ({ id, supervisor }: Tree): ProcessStat | undefined {
  return findSupervisor(id, supervisor)
}

/**
 * A process that has ended, or that has changed its user since, is left alone. Processes 0 and 1 are never signaled.
 */
function send (pid: number, signal: NodeJS.Signals): void {
  if (Math.abs(pid) <= 1) return
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH' && systemCode(error) !== 'EPERM') throw error
  }
}
