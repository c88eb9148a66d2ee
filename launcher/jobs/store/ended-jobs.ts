// Notes when jobs ended, by the steady clock too, and finds those that ended long ago.

import type { Database } from './database.ts'
import type { SteadyClock } from './steady-clock.ts'

export interface EndedJobs {
  /** Notes that the job has ended now. Runs in a write. */
  note (id: string): void
  /**
   * Ids of jobs that ended more than `ms` ago, by the steady clock and by the time of their end. The first end comes
   * first. A time in the future says nothing, because the machine's clock was set back: only the steady clock counts
   * then.
   */
  endedLongAgo (ms: number, limit: number): string[]
}

/** `now` returns the time of the machine's clock. */
export function createEndedJobs (
  { sqlite }: Pick<Database, 'sqlite'>,
  clock: Pick<SteadyClock, 'now'>,
  now: () => number
): EndedJobs {
  const insert = sqlite.prepare('INSERT INTO ended_jobs SELECT id, ?, end_time FROM jobs WHERE id = ?')
  // A job that ended before an upgrade has the count 0.
  const select = sqlite.prepare(
    'SELECT job_id AS id FROM ended_jobs WHERE count_ms < ? AND (end_time < ? OR end_time > ?) ' +
    'ORDER BY count_ms LIMIT ?'
  )
  return {
    note (id) { insert.run(clock.now(), id) },
    endedLongAgo: (ms, limit) =>
      select.all(clock.now() - ms, now() - ms, now(), limit).map(row => row.id as string)
  }
}
