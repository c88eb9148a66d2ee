// Converts a job filter to SQL conditions.

import type { Job, JobSubmission } from '../../model/job.ts'
import { outcomeOf, type JobOutcome } from '../../model/job-outcome.ts'
import type { JobStatus } from '../../model/status.ts'

/**
 * Matches jobs with all of the tags, submitted in the period, that have in each other list one of its values. A list
 * that is undefined matches every job.
 */
export interface JobFilter {
  statuses?: readonly JobStatus[]
  outcomes?: readonly JobOutcome[]
  reasons?: readonly string[]
  exitCodes?: readonly number[]
  /** Names, or beginnings of names with `*` after them. */
  names?: readonly string[]
  tags?: readonly string[]
  users?: readonly string[]
  clusters?: readonly string[]
  /** Ids of arrays. */
  arrays?: readonly string[]
  /** Milliseconds since 1970, inclusive. */
  since?: number
  /** Milliseconds since 1970, inclusive. */
  until?: number
  id?: string
  /** Matches the jobs that a submission of this user with this Idempotency-Key made. Only for lists. */
  idempotency?: { readonly user: string, readonly key: string }
}

export interface Condition {
  sql: string
  values: Array<string | number>
}

/** A FROM clause, conditions to join with AND, and the job id column for the order. */
export interface Query {
  from: string
  idColumn: string
  conditions: Condition[]
}

/**
 * Starts at the first tag, whose rows are ordered by job id. The cost of a page depends on its size, not on the number
 * of jobs that have the tag.
 */
export function queryById (filter: JobFilter): Query {
  const [tag, ...tags] = filter.tags ?? []
  if (tag === undefined) return { from: 'jobs', idColumn: 'jobs.id', conditions: conditionsOf(filter) }
  return {
    from: 'job_tags JOIN jobs ON jobs.id = job_tags.job_id',
    idColumn: 'job_tags.job_id',
    conditions: [{ sql: 'job_tags.tag = ?', values: [tag] }, ...conditionsOf({ ...filter, tags })]
  }
}

/** Returns conditions on the table `jobs`, to join with AND. Empty if the filter matches every job. */
export function conditionsOf (filter: JobFilter): Condition[] {
  const conditions: Condition[] = []
  const anyOf = (column: string, values: ReadonlyArray<string | number> | undefined) => {
    if (values === undefined) return
    conditions.push({ sql: `jobs.${column} IN (${values.map(() => '?').join(', ')})`, values: [...values] })
  }
  anyOf('id', filter.id === undefined ? undefined : [filter.id])
  anyOf('status', filter.statuses)
  anyOf('outcome', filter.outcomes)
  anyOf('reason', filter.reasons)
  anyOf('exit_code', filter.exitCodes)
  anyOf('user', filter.users)
  anyOf('cluster', filter.clusters)
  anyOf('array_id', filter.arrays)
  if (filter.names !== undefined) conditions.push(nameCondition(filter.names))
  for (const tag of filter.tags ?? []) {
    conditions.push({ sql: 'EXISTS (SELECT 1 FROM job_tags t WHERE t.tag = ? AND t.job_id = jobs.id)', values: [tag] })
  }
  if (filter.idempotency !== undefined) {
    const { user, key } = filter.idempotency
    conditions.push({
      sql: `jobs.id IN (${WITH_KEY})`,
      values: [user, key, user, key]
    })
  }
  if (filter.since !== undefined) conditions.push({ sql: 'jobs.submission_time >= ?', values: [filter.since] })
  if (filter.until !== undefined) conditions.push({ sql: 'jobs.submission_time <= ?', values: [filter.until] })
  return conditions
}

/** The job that has a key, and the jobs of the array that has it. */
const WITH_KEY =
  'SELECT k.job_id FROM idempotency_keys k WHERE k.user = ? AND k.key = ? UNION ALL ' +
  'SELECT a.id FROM idempotency_keys k JOIN jobs a ON a.array_id = k.job_id WHERE k.user = ? AND k.key = ?'

/** No text continues a beginning with the byte ff, so what continues it sorts before that. */
const BEGINS = "jobs.name >= p.value AND jobs.name < p.value || CAST(x'ff' AS TEXT)"

/** JSON holds the beginnings, because SQLite limits the depth of an expression. */
function nameCondition (names: readonly string[]): Condition {
  const whole = names.filter(name => !name.endsWith('*'))
  const beginnings = names.filter(name => name.endsWith('*')).map(name => name.slice(0, -1))
  const isWhole = `jobs.name IN (${whole.map(() => '?').join(', ')})`
  if (beginnings.length === 0) return { sql: isWhole, values: whole }
  return {
    sql: `(${isWhole} OR EXISTS (SELECT 1 FROM json_each(?) p WHERE ${BEGINS}))`,
    values: [...whole, JSON.stringify(beginnings)]
  }
}

function hasName (name: string, wanted: string): boolean {
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted
}

/** What of a job never changes, and filters look at. */
export type JobIdentity =
  Pick<Job, 'id' | 'user' | 'cluster' | 'array' | 'submissionTime'> & {
    submission: Pick<JobSubmission, 'name' | 'tags'>
  }

/** Applies the same filter to a job in memory. */
export function matches (
  filter: JobFilter, job: JobIdentity & Pick<Job, 'status' | 'reason' | 'exitCode'>
): boolean {
  return couldMatch(filter, job) &&
    (filter.statuses?.includes(job.status) ?? true) &&
    (filter.outcomes?.includes(outcomeOf(job)!) ?? true) &&
    (filter.reasons?.includes(job.reason!) ?? true) &&
    (filter.exitCodes?.includes(job.exitCode!) ?? true)
}

/** Applies only those parts of the filter that a job matches always or never. */
export function couldMatch (filter: JobFilter, job: JobIdentity): boolean {
  const tags = job.submission.tags ?? []
  return (filter.id === undefined || filter.id === job.id) &&
    (filter.names?.some(name => hasName(job.submission.name, name)) ?? true) &&
    (filter.users?.includes(job.user) ?? true) &&
    (filter.clusters?.includes(job.cluster) ?? true) &&
    (filter.arrays?.includes(job.array?.id!) ?? true) &&
    (filter.tags?.every(tag => tags.includes(tag)) ?? true) &&
    (filter.since === undefined || job.submissionTime >= filter.since) &&
    (filter.until === undefined || job.submissionTime <= filter.until)
}
