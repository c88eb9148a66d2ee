// Finds from a job's folder what of it is running, and whether it has ended.

import { LauncherError } from '../../launcher/errors.ts'
import { isEnded, type Job } from '../../launcher/plugin.ts'
import { readRecord, type JobRecord } from './job-folder.ts'
import { findSupervisorByPid } from './own-supervisor.ts'
import { readSupervisor } from './read-supervisor.ts'
import type { StartedSupervisor } from './supervisor-state.ts'
import type { Tree } from './process-tree.ts'
import { evaluate } from './outcome.ts'

export interface RunningJob {
  /** Undefined if it cannot be read. */
  readonly record: JobRecord | undefined
  readonly started: StartedSupervisor
}

/** Returns undefined if the job does not run. */
export function findRunningJob (job: Job, folder: string, bootId: string): RunningJob | undefined {
  const reading = readSupervisor(folder, bootId)
  const started = reading === undefined && job.pid !== undefined
    ? supervisorWithoutFiles(job, job.pid, bootId)
    : reading?.state?.started
  return started === undefined || reading?.supervisor === 'gone' ? undefined : { record: readRecord(folder), started }
}

/** Returns the supervisor of a running job whose folder was removed, or undefined if it has ended. */
export function supervisorWithoutFiles (
  { id, startTime }: Job,
  pid: number,
  bootId: string
): StartedSupervisor | undefined {
  const stat = findSupervisorByPid(id, pid)
  return stat && { bootId, startTime: startTime ?? Date.now(), pid, startTicks: stat.startTicks }
}

/** Throws JobNotRunning if the job does not run, or if its record cannot be read. */
export function requireRunningJob (job: Job, folder: string, bootId: string): RunningJob & { record: JobRecord } {
  const run = findRunningJob(job, folder, bootId)
  if (run?.record === undefined) throw new LauncherError('JobNotRunning', `Job ${job.id} is not running.`)
  return { ...run, record: run.record }
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

/** A job without a record is treated as a job of the launcher's own user. */
export function treeOf (id: string, supervisor: StartedSupervisor, record: JobRecord | undefined): Tree {
  return { id, supervisor, uid: record?.account.uid ?? process.getuid!() }
}
