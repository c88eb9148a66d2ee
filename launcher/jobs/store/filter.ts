// Turns a filter over jobs into SQL conditions.

import type { Job } from '../job.ts'
import type { JobStatus } from '../status-table.ts'

/** Which jobs: any of the statuses, all of the tags, any of the users and clusters, submitted in the time given. */
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
}

export interface Condition {
  sql: string
  values: Array<string | number>
}

/** Conditions on the table `jobs`, to be joined with AND; empty when the filter takes every job. */
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
    conditions.push({ sql: 'jobs.id IN (SELECT job_id FROM job_tags WHERE tag = ?)', values: [tag] })
  }
  if (filter.since !== undefined) conditions.push({ sql: 'jobs.submission_time >= ?', values: [filter.since] })
  if (filter.until !== undefined) conditions.push({ sql: 'jobs.submission_time <= ?', values: [filter.until] })
  return conditions
}

/** The same filter on a job in memory. */
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
