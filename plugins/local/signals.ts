// Sends signals to all of a job's processes.

import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../../launcher/errors.ts'
import { hasExited, readProcessStat, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import { kernelFacts, membersOf, readProcesses, type Tree } from './process-tree.ts'

/** Rounds of a kill; each ends everything that the one before had let be born. */
const MAX_ROUNDS = 100
const MAX_PAUSE_MS = 20
/** Milliseconds that a supervisor may take to be seen as stopped. */
const SUSPEND_MS = 200

/** Asks all to end. A suspended job is woken, so that it can. */
export async function terminate (tree: Tree): Promise<void> {
  await signalAll(tree, ['SIGTERM', 'SIGCONT'])
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
 * blow, so that it cannot fork faster than it is killed. Returns when nothing is left.
 */
export async function kill (tree: Tree): Promise<void> {
  signalGroup(tree, 'SIGSTOP')
  try {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const members = membersOf(tree, await readProcesses(), kernelFacts)
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
  return [...(supervisor === undefined ? [] : [supervisor]), ...membersOf(tree, await readProcesses(), kernelFacts)]
}

/** First the group, which nobody can join or leave half-way, then those that had left it. */
async function signalAll (tree: Tree, signals: readonly NodeJS.Signals[]): Promise<void> {
  for (const signal of signals) signalGroup(tree, signal)
  const away = membersOf(tree, await readProcesses(), kernelFacts).filter(
    ({ processGroup }) => processGroup !== tree.supervisor.pid
  )
  for (const member of away) {
    for (const signal of signals) signalOne(member, signal)
  }
}

function signalGroup (tree: Tree, signal: NodeJS.Signals): void {
  if (supervisorOf(tree) !== undefined) send(-tree.supervisor.pid, signal)
}

function signalOne (member: ProcessStat, signal: NodeJS.Signals): void {
  if (readProcessStat(member.pid)?.startTicks === member.startTicks) send(member.pid, signal)
}

function supervisorOf ({ supervisor }: Tree): ProcessStat | undefined {
  const stat = readProcessStat(supervisor.pid)
  return stat === undefined || stat.startTicks !== supervisor.startTicks || hasExited(stat) ? undefined : stat
}

/** What has gone, or changed its user since, is let be. */
function send (pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH' && systemCode(error) !== 'EPERM') throw error
  }
}
