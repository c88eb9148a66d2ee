// Converts rows of the jobs table to jobs and back.

import type { Job, JobSubmission } from '../../model/job.ts'
import { outcomeOf } from '../../model/job-outcome.ts'
import type { JobStatus } from '../../model/status.ts'

export type Row = Record<string, string | number | bigint | null | Uint8Array>

/** Selects the row of a job by its id, with its submission and its Idempotency-Key. Jobs of an array share the key. */
export const SELECT_JOB =
  'SELECT jobs.*, s.submission, k.user AS key_user, k.key, k.body_hash ' +
  'FROM jobs JOIN submissions s ON s.job_id = jobs.id ' +
  'LEFT JOIN idempotency_keys k ON k.job_id = coalesce(jobs.array_id, jobs.id) ' +
  'WHERE jobs.id = ?'

/** The size of each submission in memory as JSON, in characters. */
const sizes = new WeakMap<JobSubmission, number>()

/** Without its size a submission counts as large. */
export function submissionSize ({ submission }: Job): number {
  return sizes.get(submission) ?? Infinity
}

export function rememberSize (submission: JobSubmission, size: number): void {
  sizes.set(submission, size)
}

export function jobOf (row: Row): Job {
  const submission = JSON.parse(row.submission as string)
  rememberSize(submission, (row.submission as string).length)
  return {
    id: row.id as string,
    user: row.user as string,
    ...(row.user_groups == null ? {} : { groups: JSON.parse(row.user_groups as string) }),
    cluster: row.cluster as string,
    submission,
    submissionTime: row.submission_time as number,
    ...stateOf(row),
    revision: row.revision as number,
    lastUpdateTime: row.last_update_time as number,
    submittedToBackend: row.handed_over === 1,
    ...optional('startTime', row.start_time),
    ...optional('endTime', row.end_time),
    ...optional('readyTime', row.ready_time),
    ...(row.network == null ? {} : { network: JSON.parse(row.network as string) }),
    ...optional('pid', row.pid),
    ...optional('host', row.host),
    ...(row.output_truncated == null ? {} : { outputTruncated: JSON.parse(row.output_truncated as string) }),
    ...(row.output_expired === 1 && { outputExpired: true }),
    ...(row.usage == null ? {} : { usage: JSON.parse(row.usage as string) }),
    ...(row.intent == null ? {} : { intent: JSON.parse(row.intent as string) }),
    ...(row.array_id == null
      ? {}
      : { array: { id: row.array_id, index: row.array_index, count: row.array_count } }),
    ...(row.job_key == null ? {} : { key: { user: row.job_key_user, key: row.job_key } }),
    ...(row.key == null ? {} : { idempotency: { user: row.key_user, key: row.key, bodyHash: row.body_hash } })
  } as Job
}

/** What each transition has of a job. */
export function stateOf (row: Row): Pick<Job, 'status' | 'reason' | 'message' | 'exitCode'> {
  return {
    status: row.status as JobStatus,
    ...optional('reason', row.reason),
    ...optional('message', row.message),
    ...optional('exitCode', row.exit_code)
  }
}

/**
 * Columns that change after the submission, in the order of `changingValues`. The column `outcome` is only for filters:
 * `outcomeOf` returns the outcome of a job.
 */
export const CHANGING_COLUMNS = [
  'status', 'revision', 'last_update_time', 'handed_over', 'start_time', 'end_time',
  'reason', 'message', 'exit_code', 'pid', 'host', 'intent', 'output_truncated',
  'output_expired', 'usage', 'ready_time', 'network', 'outcome'
]

export function changingValues (job: Job): Array<string | number | null> {
  return [
    job.status,
    job.revision,
    job.lastUpdateTime,
    job.submittedToBackend ? 1 : 0,
    job.startTime ?? null,
    job.endTime ?? null,
    job.reason ?? null,
    job.message ?? null,
    job.exitCode ?? null,
    job.pid ?? null,
    job.host ?? null,
    job.intent === undefined ? null : JSON.stringify(job.intent),
    job.outputTruncated === undefined ? null : JSON.stringify(job.outputTruncated),
    job.outputExpired === true ? 1 : 0,
    job.usage === undefined ? null : JSON.stringify(job.usage),
    job.readyTime ?? null,
    job.network === undefined ? null : JSON.stringify(job.network),
    outcomeOf(job) ?? null
  ]
}

function optional (name: string, value: unknown): Record<string, unknown> {
  return value == null ? {} : { [name]: value }
}
