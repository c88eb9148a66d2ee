// Finds from a job's folder what of it is running, and whether it has ended.

import { LauncherError } from '../../launcher/errors.ts'
import { isEnded, type Job } from '../../launcher/plugin.ts'
import { readRecord, type JobRecord } from './job-folder.ts'
import { findSupervisorByPid } from './own-supervisor.ts'
import type { Parts } from './parts.ts'
import { readSupervisor } from './read-supervisor.ts'
import type { StartedSupervisor } from './supervisor-state.ts'
import type { Tree } from './process-tree.ts'
import { evaluate, type SupervisorReading } from './outcome.ts'
import { accountFor } from './rules.ts'

export interface RunningJob {
  /** Undefined if it cannot be read. */
  readonly record: JobRecord | undefined
  readonly started: StartedSupervisor
}

/** Returns undefined if the job does not run. */
export function findRunningJob (job: Job, folder: string, bootId: string): RunningJob | undefined {
  const reading = readSupervisor(folder, bootId)
  if (job.pid !== undefined && (reading === undefined || isDamaged(job, reading))) {
    const started = supervisorWithoutFiles(job, job.pid, bootId)
    return started && { record: readRecord(folder), started }
  }
  const started = reading?.state?.started
  return started === undefined || reading?.supervisor === 'gone' ? undefined : { record: readRecord(folder), started }
}

/** Whether the state file was damaged after the job had been observed to run. */
export function isDamaged ({ pid }: Job, { state, boot }: SupervisorReading): boolean {
  return pid !== undefined && boot === 'same' && state?.started === undefined && state?.failed === undefined
}

/** Returns the supervisor of a running job whose state cannot be read, or undefined if it has ended. */
export function supervisorWithoutFiles (
  { id, startTime }: Job,
  pid: number,
  bootId: string
): StartedSupervisor | undefined {
  const stat = findSupervisorByPid(id, pid)
  return stat && { bootId, startTime: startTime ?? Date.now(), pid, startTicks: stat.startTicks }
}

/** Throws JobNotRunning. */
export function requireRunningJob (job: Job, folder: string, bootId: string): RunningJob {
  const run = findRunningJob(job, folder, bootId)
  if (run === undefined) throw new LauncherError('JobNotRunning', `Job ${job.id} is not running.`)
  return run
}

/**
 * Whether the job has ended, so that all of its output exists. A claim without a first line is not judged here: how old
 * it is depends on the clock.
 */
export function hasEnded (job: Job, folder: string, bootId: string): boolean {
  if (isEnded(job.status)) return true
  const reading = readSupervisor(folder, bootId)
  return reading?.state !== undefined && evaluate(job, reading, () => 0).kind === 'ended'
}

/** Without a record the user id is that of the user's account now. */
export async function treeOf (
  { id, user }: Pick<Job, 'id' | 'user'>,
  supervisor: StartedSupervisor | undefined,
  record: JobRecord | undefined,
  parts: Pick<Parts, 'accounts' | 'config' | 'defaultUser' | 'log'>
): Promise<Tree> {
  return { id, supervisor, uid: record?.account.uid ?? await currentUid() }

  async function currentUid (): Promise<number | undefined> {
    const own = process.getuid!()
    // Such a launcher runs jobs of its own user only, and can signal no others.
    if (own !== 0) return own
    try {
      return (await accountFor(user, parts)).uid
    } catch (err) {
      // Any guess could name the processes of another user.
      parts.log.warn({ err, job: id }, 'account of job not found')
      return undefined
    }
  }
}
