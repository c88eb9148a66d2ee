// Converts a job filter to SQL conditions.

import type { Job } from '../../model/job.ts'
import type { JobStatus } from '../../model/status.ts'

/** Matches jobs with any of the statuses, all of the tags, any of the users and clusters, submitted in the period. */
export interface JobFilter {
  statuses?: readonly JobStatus[]
  tags?: readonly string[]
  users?: readonly string[]
  clusters?: readonly string[]
  /** Milliseconds since 1970, inclusive. */
  since?: number
  /** Milliseconds since 1970, inclusive. */
  until?: number
  id?: string
  /** Matches the job that a submission of this user with this Idempotency-Key made. Only for lists. */
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
  const anyOf = (column: string, values: readonly string[] | undefined) => {
    if (values === undefined) return
    conditions.push({ sql: `jobs.${column} IN (${values.map(() => '?').join(', ')})`, values: [...values] })
  }
  anyOf('id', filter.id === undefined ? undefined : [filter.id])
  anyOf('status', filter.statuses)
  anyOf('user', filter.users)
  anyOf('cluster', filter.clusters)
  for (const tag of filter.tags ?? []) {
    conditions.push({ sql: 'EXISTS (SELECT 1 FROM job_tags t WHERE t.tag = ? AND t.job_id = jobs.id)', values: [tag] })
  }
  if (filter.idempotency !== undefined) {
    const { user, key } = filter.idempotency
    conditions.push({
      sql: 'jobs.id IN (SELECT k.job_id FROM idempotency_keys k WHERE k.user = ? AND k.key = ?)',
      values: [user, key]
    })
  }
  if (filter.since !== undefined) conditions.push({ sql: 'jobs.submission_time >= ?', values: [filter.since] })
  if (filter.until !== undefined) conditions.push({ sql: 'jobs.submission_time <= ?', values: [filter.until] })
  return conditions
}

/** Applies the same filter to a job in memory. */
export function matches (filter: JobFilter, job: Job): boolean {
  const tags = job.submission.tags ?? []
  return (filter.id === undefined || filter.id === job.id) &&
    (filter.statuses?.includes(job.status) ?? true) &&
    (filter.users?.includes(job.user) ?? true) &&
    (filter.clusters?.includes(job.cluster) ?? true) &&
    (filter.tags?.every(tag => tags.includes(tag)) ?? true) &&
    (filter.since === undefined || job.submissionTime >= filter.since) &&
    (filter.until === undefined || job.submissionTime <= filter.until)
}
