// The transitions of jobs, and their removals. Each has a revision, which grows and is never used again.

import type { DatabaseSync } from 'node:sqlite'
import type { Job } from '../../model/job.ts'
import { REVISION_GAP, type Database } from './database.ts'
import { jobOf, stateOf, type Row } from './job-row.ts'
import { MAX_PAGE_BYTES, upToBytes } from './page-end.ts'
import { removedOf, type Removals, type Removed } from './removals.ts'

export interface Transitions {
  /** Adds a transition to what the job is now, and returns its revision. Runs in a write. */
  add (job: Job): number
  /**
   * Returns jobs as they were at each transition after `revision`, and the removals of jobs, oldest first; fewer than
   * `limit` as in `list`.
   */
  transitionsAfter (revision: number, limit: number): Array<Job | Removed>
  /** Returns the job as it was before the transition that the given one is of; undefined if it was new or is gone. */
  before (job: Job): Job | undefined
  /** Revision of the newest transition, or one that was skipped after it. */
  revision (): number
  /** Revision of the newest transition or removal that is kept. A client that has it has everything. */
  lastRevision (): number
  /**
   * Whether `transitionsAfter` has everything that happened since the revision. It may not if removals were forgotten,
   * or if this database does not know the revision: after a power failure, or when an older copy took its place.
   */
  isResumable (revision: number): boolean
  /** Removes the transitions of a job. Runs in a write. */
  remove (jobId: string): void
}

/** Revisions continue after `firstRevision` if the file has none as high. */
export function createTransitions (
  { sqlite }: Pick<Database, 'sqlite'>,
  { completeAfter }: Pick<Removals, 'completeAfter'>,
  firstRevision: number
): Transitions {
  if (firstRevision > 0) raiseRevision(sqlite, firstRevision)
  const insert = sqlite.prepare(
    'INSERT INTO transitions (job_id, time, status, reason, message, exit_code) VALUES (?, ?, ?, ?, ?, ?)'
  )
  const selectSizesAfter = sqlite.prepare(`
    SELECT t.revision, t.removed, coalesce(jobs.submission_bytes, 0) AS bytes
    FROM transitions t LEFT JOIN jobs ON jobs.id = t.job_id WHERE t.revision > ? ORDER BY t.revision LIMIT ?`)
  const select = sqlite.prepare(`
    SELECT jobs.*, s.submission, t.revision, t.time AS last_update_time, t.status, t.reason, t.message, t.exit_code
    FROM transitions t JOIN jobs ON jobs.id = t.job_id JOIN submissions s ON s.job_id = t.job_id
    WHERE t.revision = ?`)
  const selectBefore = sqlite.prepare(
    'SELECT status, reason, message, exit_code FROM transitions ' +
    'WHERE job_id = ? AND revision < ? ORDER BY revision DESC LIMIT 1'
  )
  const selectNearest = sqlite.prepare(
    'SELECT (SELECT max(revision) FROM transitions WHERE revision <= ?1) AS lower, ' +
    '(SELECT min(revision) FROM transitions WHERE revision > ?1) AS higher'
  )
  const selectLast = sqlite.prepare('SELECT max(revision) AS last FROM transitions')
  const selectRevision = sqlite.prepare("SELECT seq AS revision FROM sqlite_sequence WHERE name = 'transitions'")
  const removal = sqlite.prepare('DELETE FROM transitions WHERE job_id = ?')
  return {
    add (job) {
      const { lastInsertRowid } = insert.run(
        job.id,
        job.lastUpdateTime,
        job.status,
        job.reason ?? null,
        job.message ?? null,
        job.exitCode ?? null
      )
      return Number(lastInsertRowid)
    },
    transitionsAfter: (revision, limit) =>
      upToBytes(MAX_PAGE_BYTES, selectSizesAfter.all(revision, limit))
        .map(row => row.removed === null ? jobOf(select.get(row.revision!) as Row) : removedOf(row as Row)),
    before (job) {
      const { reason: _reason, message: _message, exitCode: _exitCode, ...rest } = job
      const row = selectBefore.get(job.id, job.revision) as Row | undefined
      return row && { ...rest, ...stateOf(row) }
    },
    revision: () => Number(selectRevision.get()?.revision ?? 0),
    lastRevision: () => Math.max(Number(selectLast.get()?.last ?? 0), completeAfter()),
    isResumable (revision) {
      if (revision < completeAfter()) return false
      const { lower, higher } = selectNearest.get(revision) as { lower: number | null, higher: number | null }
      const last = Math.max(lower ?? 0, completeAfter())
      // Each start skips REVISION_GAP revisions, so this database gave out every revision in a narrower gap.
      return revision === last || (higher !== null && higher - last < REVISION_GAP)
    },
    remove (jobId) { removal.run(jobId) }
  }
}

function raiseRevision (sqlite: DatabaseSync, revision: number): void {
  try {
    sqlite.exec(
      "INSERT INTO sqlite_sequence SELECT 'transitions', 0 " +
      "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'transitions');" +
      `UPDATE sqlite_sequence SET seq = max(seq, ${revision}) WHERE name = 'transitions'`
    )
  } catch {
    // On a full disk. Streams are resumed with the present state then.
  }
}
