// Sends signals to all of a job's processes.

import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../../launcher/errors.ts'
import { readProcessStat, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import { findSupervisor } from './own-supervisor.ts'
import { kernelFacts, membersOf, readProcesses, type Tree } from './process-tree.ts'

/** Rounds of a kill. Each kills the processes that were forked during the one before. */
const MAX_ROUNDS = 100
const MAX_PAUSE_MS = 20
/** Milliseconds to wait until a supervisor is stopped. */
const SUSPEND_MS = 200

/**
 * Asks all processes to end. Resumes a suspended job, so that it can end. Resolves with the processes outside the
 * group, for `kill`: once their parents have ended, the job's tree may no longer show them.
 */
export async function terminate (tree: Tree): Promise<ProcessStat[]> {
  return await signalAll(tree, ['SIGTERM', 'SIGCONT'])
}

export async function resume (tree: Tree): Promise<void> {
  await signalAll(tree, ['SIGCONT'])
}

/** Resolves when the job is observably suspended. */
export async function suspend (tree: Tree): Promise<void> {
  await signalAll(tree, ['SIGSTOP'])
  const until = performance.now() + SUSPEND_MS
  while (supervisorOf(tree)?.state !== 'T' && performance.now() < until) await delay(1)
}

/**
 * Kills all processes but the supervisor, which then writes the exit code and exits. Stops its group first, with one
 * signal, so that it cannot fork faster than it is killed. Kills `known` too, which an earlier `terminate` returned.
 * Resolves when no process is left. `beforeExit` is called then, before the supervisor goes on.
 */
export async function kill (
  tree: Tree,
  known: readonly ProcessStat[] = [],
  beforeExit: () => void = () => {}
): Promise<void> {
  signalGroup(tree, 'SIGSTOP')
  try {
    for (const member of known) signalOne(member, 'SIGKILL')
    // While a process executes a program, its environment is empty for a moment. Without a supervisor nothing else
    // identifies it, so the first scan may miss it.
    let scannedOnce = supervisorOf(tree) !== undefined
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const members = await membersNow(tree)
      if (members.length === 0 && scannedOnce) {
        beforeExit()
        break
      }
      for (const member of members) signalOne(member, 'SIGKILL')
      await delay(members.length === 0 ? MAX_PAUSE_MS : Math.min(round, MAX_PAUSE_MS))
      scannedOnce = true
    }
  } finally {
    signalGroup(tree, 'SIGCONT')
  }
}

/** Resolves with the current processes of the job, including its supervisor. */
export async function processesOf (tree: Tree): Promise<ProcessStat[]> {
  const supervisor = supervisorOf(tree)
  return [...(supervisor === undefined ? [] : [supervisor]), ...(await membersNow(tree))]
}

/**
 * Signals the group at once, then the processes outside it. Reads the tree before the first signal, because the
 * children of a process that ends become children of process 1, and again after it, because the job may have forked.
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
  return (await membersNow(tree)).filter(({ processGroup }) => processGroup !== tree.supervisor?.pid)
}

async function membersNow (tree: Tree): Promise<ProcessStat[]> {
  const processes = await readProcesses()
  return await membersOf(tree, processes, supervisorOf(tree) !== undefined, kernelFacts)
}

function keyOf ({ pid, startTicks }: ProcessStat): string {
  return `${pid} ${startTicks}`
}

function signalGroup (tree: Tree, signal: NodeJS.Signals): void {
  const supervisor = supervisorOf(tree)
  if (supervisor !== undefined) send(-supervisor.pid, signal)
}

function signalOne (member: ProcessStat, signal: NodeJS.Signals): void {
  if (readProcessStat(member.pid)?.startTicks === member.startTicks) send(member.pid, signal)
}

function supervisorOf ({ id, supervisor }: Tree): ProcessStat | undefined {
  return supervisor && findSupervisor(id, supervisor)
}

/**
 * Skips a process that has ended or that has changed its user meanwhile. Never signals processes 0 and 1.
 */
function send (pid: number, signal: NodeJS.Signals): void {
  if (Math.abs(pid) <= 1) return
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH' && systemCode(error) !== 'EPERM') throw error
  }
}
