// Notes when jobs ended, by the steady clock too, and finds those that ended long ago. A job whose output has expired
// is in the history until it is removed.

import type { Database } from './database.ts'
import type { SteadyClock } from './steady-clock.ts'

export interface EndedJobs {
  /** Notes that the job has ended now. Runs in a write. */
  note (id: string): void
  /** Moves an ended job to the history. Runs in a write. */
  moveToHistory (id: string): void
  /**
   * Ids of jobs outside the history that ended more than `ms` ago, by the steady clock and by the time of their end.
   * The first end comes first. A time in the future says nothing, because the machine's clock was set back: only the
   * steady clock counts then.
   */
  endedLongAgo (ms: number, limit: number): string[]
  /** The same for jobs in the history, and those beyond its largest size. */
  historyLongAgo (ms: number, limit: number): string[]
}

/** The most jobs in the history: lists and summaries still answer within some milliseconds. */
export const MAX_HISTORY = 100_000

/** `now` returns the time of the machine's clock. */
export function createEndedJobs (
  { sqlite }: Pick<Database, 'sqlite'>,
  clock: Pick<SteadyClock, 'now'>,
  now: () => number,
  maxHistory = MAX_HISTORY
): EndedJobs {
  const insert = sqlite.prepare('INSERT INTO ended_jobs SELECT id, ?, end_time FROM jobs WHERE id = ?')
  const copy = sqlite.prepare('INSERT INTO job_history SELECT * FROM ended_jobs WHERE job_id = ?')
  const remove = sqlite.prepare('DELETE FROM ended_jobs WHERE job_id = ?')
  const historySize = sqlite.prepare('SELECT count(*) AS size FROM job_history')
  const oldest = sqlite.prepare('SELECT job_id AS id FROM job_history ORDER BY count_ms LIMIT ?')
  const longAgoIn = (table: string): EndedJobs['endedLongAgo'] => {
    // A job that ended before an upgrade has the count 0.
    const select = sqlite.prepare(
      `SELECT job_id AS id FROM ${table} WHERE count_ms < ? AND (end_time < ? OR end_time > ?) ` +
      'ORDER BY count_ms LIMIT ?'
    )
    return (ms, limit) => select.all(clock.now() - ms, now() - ms, now(), limit).map(row => row.id as string)
  }
  const historyLongAgo = longAgoIn('job_history')
  return {
    note (id) { insert.run(clock.now(), id) },
    moveToHistory (id) {
      copy.run(id)
      remove.run(id)
    },
    endedLongAgo: longAgoIn('ended_jobs'),
    historyLongAgo (ms, limit) {
      const excess = Number(historySize.get()!.size) - maxHistory
      if (excess <= 0) return historyLongAgo(ms, limit)
      return oldest.all(Math.min(excess, limit)).map(row => row.id as string)
    }
  }
}
