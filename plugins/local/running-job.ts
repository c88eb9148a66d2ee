// Says from a job's folder what runs of it now, and whether it is over.

import { LauncherError } from '../../launcher/errors.ts'
import { isEnded, type Job } from '../../launcher/plugin.ts'
import { readRecord, type JobRecord } from './job-folder.ts'
import { readSupervisor } from './read-supervisor.ts'
import type { StartedSupervisor } from './supervisor-state.ts'
import type { Tree } from './process-tree.ts'
import { evaluate } from './outcome.ts'

export interface RunningJob {
  readonly record: JobRecord
  readonly started: StartedSupervisor
}

/** Undefined when the job does not run, or its record cannot be read. */
export function findRunningJob (folder: string, bootId: string): RunningJob | undefined {
  const reading = readSupervisor(folder, bootId)
  const record = readRecord(folder)
  const started = reading?.state?.started
  return record === undefined || started === undefined || reading?.supervisor === 'gone'
    ? undefined
    : { record, started }
}

/** The same of a job that must run. Throws JobNotRunning. */
export function requireRunningJob ({ id }: Job, folder: string, bootId: string): RunningJob {
  const run = findRunningJob(folder, bootId)
  if (run === undefined) throw new LauncherError('JobNotRunning', `Job ${id} is not running.`)
  return run
}

/** Whether all of its output is there. */
export function hasEnded (job: Job, folder: string, bootId: string): boolean {
  if (isEnded(job.status)) return true
  const reading = readSupervisor(folder, bootId)
  return reading !== undefined && evaluate(job, reading, at => Date.now() - at).kind === 'ended'
}

/** Without a record the job counts as the launcher's own user's. */
export function treeOf (id: string, supervisor: StartedSupervisor, record: JobRecord | undefined): Tree {
  return { id, supervisor, uid: record?.account.uid ?? process.getuid!() }
}
