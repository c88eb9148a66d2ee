// The transitions of jobs. Each has a revision, which grows and is never used again.

import type { DatabaseSync } from 'node:sqlite'
import type { Job } from '../../model/job.ts'
import type { Database } from './database.ts'
import { jobOf, type Row } from './job-row.ts'
import { MAX_PAGE_BYTES, upToBytes } from './page-end.ts'

export interface Transitions {
  /** Adds a transition to what the job is now, and returns its revision. Runs in a write. */
  add (job: Job): number
  /** Returns jobs as they were at each transition after `revision`, oldest first; fewer than `limit` as in `list`. */
  transitionsAfter (revision: number, limit: number): Job[]
  /** Revision of the newest transition, even if its job was removed. */
  revision (): number
  /** Removes the transitions of a job. Runs in a write. */
  remove (jobId: string): void
}

/** Revisions continue after `firstRevision` if the file has none as high. */
export function createTransitions ({ sqlite }: Pick<Database, 'sqlite'>, firstRevision: number): Transitions {
  if (firstRevision > 0) raiseRevision(sqlite, firstRevision)
  const insert = sqlite.prepare(
    'INSERT INTO transitions (job_id, time, status, reason, message, exit_code) VALUES (?, ?, ?, ?, ?, ?)'
  )
  const selectSizesAfter = sqlite.prepare(`
    SELECT t.revision, jobs.submission_bytes AS bytes
    FROM transitions t JOIN jobs ON jobs.id = t.job_id WHERE t.revision > ? ORDER BY t.revision LIMIT ?`)
  const select = sqlite.prepare(`
    SELECT jobs.*, s.submission, t.revision, t.time AS last_update_time, t.status, t.reason, t.message, t.exit_code
    FROM transitions t JOIN jobs ON jobs.id = t.job_id JOIN submissions s ON s.job_id = t.job_id
    WHERE t.revision = ?`)
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
        .map(row => jobOf(select.get(row.revision!) as Row)),
    revision: () => Number(selectRevision.get()?.revision ?? 0),
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
