// Keeps the Idempotency-Keys of removed jobs with their outcomes, so that a repeated submission runs nothing again.

import { LauncherError } from '../../errors.ts'
import type { Idempotency } from '../../model/idempotency.ts'
import type { Database } from './database.ts'
import type { SteadyClock } from './steady-clock.ts'

export interface RemovedKeys {
  /**
   * Throws JobRemoved if a submission with this key created a job that was removed, or IdempotencyKeyReused if its body
   * differs. Without `bodyHash` any body is the same.
   */
  requireUnused (key: Pick<Idempotency, 'user' | 'key'> & { bodyHash?: string }): void
  /** Keeps the key of a job that is being removed, or of an array with its last job. Runs in a write. */
  keep (jobId: string): void
  /** Forgets the keys that were kept long enough. Resolves with their number, which is limited. */
  forgetOldKeys (): Promise<number>
}

/** For how long a key is kept after its job was removed, as the steady clock counts. */
export const KEY_MS = 86_400_000
/** Keys beyond this number are forgotten earlier. */
const MAX_KEYS = 1_000_000
/** Keys that are forgotten in one write: some milliseconds of work. */
const BATCH = 100

export function createRemovedKeys (
  { sqlite, write }: Pick<Database, 'sqlite' | 'write'>,
  clock: Pick<SteadyClock, 'now'>,
  maxKeys = MAX_KEYS
): RemovedKeys {
  const select = sqlite.prepare('SELECT * FROM removed_keys WHERE user = ? AND key = ?')
  const insert = sqlite.prepare(
    'INSERT OR REPLACE INTO removed_keys ' +
    '(user, key, body_hash, job_id, status, reason, exit_code, end_time, array_count, removed) ' +
    'SELECT k.user, k.key, k.body_hash, k.job_id, j.status, j.reason, j.exit_code, j.end_time, j.array_count, ? ' +
    'FROM jobs j JOIN idempotency_keys k ON k.job_id = coalesce(j.array_id, j.id) WHERE j.id = ? ' +
    'AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.array_id = j.array_id AND o.id <> j.id)'
  )
  const oldest = sqlite.prepare('SELECT removed FROM removed_keys ORDER BY removed LIMIT 1')
  const count = (): number => sqlite.prepare('SELECT count(*) AS count FROM removed_keys').get()!.count as number
  const forget = sqlite.prepare(
    'DELETE FROM removed_keys WHERE (user, key) IN ' +
    '(SELECT user, key FROM removed_keys WHERE removed < ? ORDER BY removed LIMIT ?)'
  )
  /** At least as many as there are: a write that kept a key may have failed. */
  let kept = count()

  function forgetBatch (before: number, limit: number): Promise<number> {
    return write(() => {
      const forgotten = Number(forget.run(before, Math.min(limit, BATCH)).changes)
      kept -= forgotten
      return forgotten
    })
  }

  return {
    requireUnused ({ user, key, bodyHash }) {
      const removed = select.get(user, key)
      if (removed === undefined) return
      const jobId = removed.job_id as string
      if (bodyHash !== undefined && removed.body_hash !== bodyHash) throw keyReused(jobId)
      if (removed.array_count !== null) throw arrayRemoved(jobId, removed.array_count as number)
      throw new LauncherError(
        'JobRemoved',
        `The Idempotency-Key was used for job ${jobId}, which has ended and was removed.`,
        {
          jobId,
          outcome: {
            status: removed.status,
            reason: removed.reason,
            ...(removed.exit_code !== null && { exitCode: removed.exit_code })
          },
          ...(removed.end_time !== null && { endTime: new Date(removed.end_time as number).toISOString() })
        }
      )
    },

    keep (jobId) {
      kept += Number(insert.run(clock.now(), jobId).changes)
    },

    async forgetOldKeys () {
      if (kept > maxKeys) kept = count()
      if (kept > maxKeys) return await forgetBatch(Infinity, kept - maxKeys)
      const before = clock.now() - KEY_MS
      const first = oldest.get()?.removed as number | undefined
      return first === undefined || first >= before ? 0 : await forgetBatch(before, BATCH)
    }
  }
}

function arrayRemoved (arrayId: string, count: number): LauncherError {
  return new LauncherError(
    'JobRemoved',
    `The Idempotency-Key was used for the array ${arrayId}, whose ${count} jobs have ended and were removed.`,
    { array: { id: arrayId, count } },
    { help: 'To run them again, send the array with a new key.' }
  )
}

export function keyReused (jobId: string): LauncherError {
  return new LauncherError(
    'IdempotencyKeyReused',
    `The Idempotency-Key was used for job ${jobId} with another body.`,
    { jobId }
  )
}
