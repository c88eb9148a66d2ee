// Finds jobs: pages of a filter, those that have not ended, and their numbers.

import type { Job } from '../../model/job.ts'
import type { JobOutcome } from '../../model/job-outcome.ts'
import type { JobStatus } from '../../model/status.ts'
import { cachedStatements } from './cached-statements.ts'
import type { Database } from './database.ts'
import { conditionsOf, queryById, type Condition, type JobFilter } from './filter.ts'
import { CHANGING_COLUMNS, SELECT_JOB, jobOf, type Row } from './job-row.ts'
import { MAX_PAGE_BYTES, upToBytes } from './page-end.ts'

/** The number of jobs that have these values in common. `outcome` is only missing for jobs that have not ended. */
export interface JobGroup {
  readonly status: JobStatus
  readonly outcome?: JobOutcome
  readonly user: string
  readonly cluster: string
  readonly count: number
}

export interface JobQueries {
  /**
   * Newest first; `before` is an id (exclusive). Returns fewer jobs than `limit` if their submissions are large, and at
   * least one if one matches. Without `withSubmission` nothing of a submission is read: each job has an empty one, and
   * no page ends early.
   */
  list (filter: JobFilter, limit: number, before?: string, options?: { withSubmission?: boolean }): Job[]
  /** By revision, oldest change first; `after` is a revision (exclusive). */
  listByRevision (filter: JobFilter, limit: number, after: number): Job[]
  /** The jobs that match and have not ended, by id. */
  unfinished (filter?: JobFilter): Array<Pick<Job, 'id' | 'user' | 'cluster'>>
  /** Ids of the jobs that are left of an array, by index. */
  idsOfArray (id: string): string[]
  /** Counts the jobs that match. Each counts in one group. */
  groups (filter: JobFilter): JobGroup[]
  counts (): Array<{ cluster: string, status: JobStatus, count: number }>
}

/** Stands for the submission of a job that is read without it. */
const NO_SUBMISSION = JSON.stringify({ name: '' })

export function createJobQueries ({ sqlite }: Pick<Database, 'sqlite'>): JobQueries {
  const prepared = cachedStatements(sqlite)
  const selectJob = sqlite.prepare(SELECT_JOB)
  const selectState = sqlite.prepare(
    `SELECT id, user, cluster, '${NO_SUBMISSION}' AS submission, submission_time, ` +
    `array_id, array_index, array_count, ${CHANGING_COLUMNS.join(', ')} ` +
    'FROM jobs WHERE id = ?'
  )
  const selectArray = sqlite.prepare('SELECT id FROM jobs WHERE array_id = ? ORDER BY array_index')
  // In the order of an index: four times as fast with 100,000 jobs.
  const selectCounts = sqlite.prepare(
    'SELECT cluster, status, sum(count) AS count FROM ' +
    '(SELECT cluster, status, count(*) AS count FROM jobs GROUP BY user, cluster, status) GROUP BY cluster, status'
  )

  /** Ids and sizes first, because SQLite would read all submissions of a page, also those behind its end. */
  function select (from: string, conditions: Condition[], order: string, limit: number, read = selectJob): Job[] {
    const found = prepared(
      `SELECT jobs.id, jobs.submission_bytes AS bytes FROM ${from} ${where(conditions)} ORDER BY ${order} LIMIT ?`
    ).all(...valuesOf(conditions), limit)
    const page = read === selectJob ? upToBytes(MAX_PAGE_BYTES, found) : found
    return page.map(({ id }) => jobOf(read.get(id as string) as Row))
  }

  return {
    list (filter, limit, before, { withSubmission = true } = {}) {
      const { from, idColumn, conditions } = queryById(filter)
      if (before !== undefined) conditions.push({ sql: `${idColumn} < ?`, values: [before] })
      return select(from, conditions, `${idColumn} DESC`, limit, withSubmission ? selectJob : selectState)
    },

    listByRevision: (filter, limit, after) =>
      select('jobs', [...conditionsOf(filter), { sql: 'jobs.revision > ?', values: [after] }], 'jobs.revision', limit),

    unfinished (filter = {}) {
      const { from, idColumn, conditions } = queryById(filter)
      conditions.push({ sql: "jobs.status IN ('Pending', 'Running', 'Suspended')", values: [] })
      return prepared(`SELECT jobs.id, jobs.user, jobs.cluster FROM ${from} ${where(conditions)} ORDER BY ${idColumn}`)
        .all(...valuesOf(conditions)) as Array<Pick<Job, 'id' | 'user' | 'cluster'>>
    },

    idsOfArray: id => selectArray.all(id).map(row => row.id as string),

    groups (filter) {
      const { from, conditions } = queryById(filter)
      return prepared(
        `SELECT status, outcome, user, cluster, count(*) AS count FROM ${from} ${where(conditions)} ` +
        'GROUP BY user, cluster, status, outcome'
      ).all(...valuesOf(conditions)).map(({ outcome, ...group }) =>
        ({ ...group, ...(outcome !== null && { outcome }) }) as unknown as JobGroup)
    },

    counts: () =>
      selectCounts
        .all()
        .map(row => ({ cluster: row.cluster as string, status: row.status as JobStatus, count: row.count as number }))
  }
}

function where (conditions: readonly Condition[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`
}

function valuesOf (conditions: readonly Condition[]): Condition['values'] {
  return conditions.flatMap(({ values }) => values)
}
