// The removals of jobs, which streams show as they show transitions: a client that resumes must not miss one.

import type { Job } from '../../model/job.ts'
import type { Database } from './database.ts'
import type { JobIdentity } from './filter.ts'
import type { Row } from './job-row.ts'

/** Why a stream does not show a job any more. */
export type RemovalCause = 'deleted' | 'expired' | 'unmatched'

/** A stream does not show the job any more. */
export interface Removed {
  readonly removed: RemovalCause
  readonly job: JobIdentity
  readonly revision: number
}

export interface Removals {
  /** Adds the removal of a job. Runs in a write. */
  add (job: Job, cause: RemovalCause): Removed
  /** A client that has every event up to this revision, or a later one, can be given each removal after it. */
  completeAfter (): number
  /** Forgets the removals that were kept long enough. Resolves with their number, which is limited. */
  forgetOldRemovals (): Promise<number>
}

/** For how long a removal is kept. */
export const REMOVAL_MS = 86_400_000
/** Removals beyond this number are forgotten earlier. */
const MAX_REMOVALS = 100_000
/** Removals that are forgotten in one write: some milliseconds of work. */
const BATCH = 100

export function createRemovals (
  { sqlite, write }: Pick<Database, 'sqlite' | 'write'>,
  now: () => number,
  maxRemovals = MAX_REMOVALS
): Removals {
  const insert = sqlite.prepare('INSERT INTO transitions (job_id, time, status, removed) VALUES (?, ?, ?, ?)')
  const count = sqlite.prepare('SELECT count(*) AS count FROM transitions WHERE removed IS NOT NULL')
  const oldest = sqlite.prepare(
    'SELECT revision, time FROM transitions WHERE removed IS NOT NULL ORDER BY revision LIMIT ?'
  )
  const forget = sqlite.prepare('DELETE FROM transitions WHERE removed IS NOT NULL AND revision <= ?')
  const update = sqlite.prepare('UPDATE event_ids SET complete_after = ?')
  let completeAfter = Number(sqlite.prepare('SELECT complete_after FROM event_ids').get()!.complete_after)

  return {
    add (job, removed) {
      const identity = identityOf(job)
      const { lastInsertRowid } = insert.run(job.id, now(), job.status, JSON.stringify({ removed, job: identity }))
      return { removed, job: identity, revision: Number(lastInsertRowid) }
    },

    completeAfter: () => completeAfter,

    async forgetOldRemovals () {
      const before = now() - REMOVAL_MS
      const excess = Number(count.get()!.count) - maxRemovals
      const old = oldest.all(BATCH).filter(({ time }, index) => index < excess || Number(time) < before)
      if (old.length === 0) return 0
      const last = Number(old.at(-1)!.revision)
      return await write(() => {
        // Even if the write fails: a stream that begins with the present state too often is right.
        completeAfter = last
        update.run(last)
        return Number(forget.run(last).changes)
      })
    }
  }
}

/** The row is one of a removal. */
export function removedOf (row: Row): Removed {
  return { ...JSON.parse(row.removed as string), revision: row.revision as number }
}

export function isRemoved (event: Job | Removed): event is Removed {
  return 'removed' in event
}

/** Has what the filter of a stream needs, and nothing else of the job. */
function identityOf ({ id, user, cluster, array, submissionTime, submission: { name, tags } }: Job): JobIdentity {
  return {
    id, user, cluster, ...(array && { array }), submissionTime, submission: { name, ...(tags && { tags }) }
  }
}
