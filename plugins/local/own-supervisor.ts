// Finds the supervisor of a job among the processes of the machine, and never mistakes another process for it.

import { readFileSync, statSync } from 'node:fs'
import { hasExited, readProcessStat, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

/**
 * Returns the supervisor of job `id`, or undefined if it has ended. A process counts only if it has the pid and start
 * time of `started`, runs as the launcher's user, leads its session and process group, and names the job in its command
 * line. The launcher calls this before every signal.
 */
export function findSupervisor (
  id: string, { pid, startTicks }: Pick<StartedSupervisor, 'pid' | 'startTicks'>
): ProcessStat | undefined {
  // Process 1 is never a supervisor, and 0 would name the launcher's own group.
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined
  const stat = readProcessStat(pid)
  if (stat === undefined || stat.startTicks !== startTicks || hasExited(stat)) return undefined
  if (stat.session !== pid || stat.processGroup !== pid) return undefined
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid!() && supervises(pid, id)
    ? stat
    : undefined
}

/**
 * Returns the supervisor of a job whose files are gone, or undefined if it has ended. The job's id, which cannot be
 * guessed, and the other properties of a supervisor identify it without its start time.
 */
export function findSupervisorByPid (id: string, pid: number): ProcessStat | undefined {
  const stat = readProcessStat(pid)
  return stat === undefined ? undefined : findSupervisor(id, { pid, startTicks: stat.startTicks })
}

function supervises (pid: number, id: string): boolean {
  try {
    const [, script, job] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
    return script?.endsWith('/supervise.sh') === true && job === id
  } catch {
    return false
  }
}
