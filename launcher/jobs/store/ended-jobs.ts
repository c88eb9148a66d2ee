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
  const update = sqlite.prepare('UPDATE jobs SET end_count = ? WHERE id = ?')
  // A job that ended before an upgrade has no count.
  const select = sqlite.prepare(
    'SELECT id FROM jobs WHERE end_time IS NOT NULL AND coalesce(end_count, 0) < ? ' +
    'AND (end_time < ? OR end_time > ?) ORDER BY coalesce(end_count, 0) LIMIT ?'
  )
  return {
    note (id) { update.run(clock.now(), id) },
    endedLongAgo: (ms, limit) =>
      select.all(clock.now() - ms, now() - ms, now(), limit).map(row => row.id as string)
  }
}
