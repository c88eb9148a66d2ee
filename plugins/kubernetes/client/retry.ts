// Decides whether and when to retry a failed call.

import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isConflict, isOutcomeUnknown } from './errors.ts'

const FIRST_DELAY_MS = 200
const MAX_DELAY_MS = 10_000
const MAX_RETRY_AFTER_MS = 60_000

export type NextAttempt =
  /** Retry the call after `inMs` milliseconds. */
  | { readonly inMs: number }
  /** Read the credentials again, then retry the call. */
  | 'refresh'
  /** Throw the error to the caller. */
  | 'stop'

/**
 * Returns what to do after attempt number `attempt` (1 is the first) failed. A create whose outcome is unknown is
 * never retried here: its caller first looks for the object by name.
 */
export function nextAttempt (
  error: unknown,
  method: string,
  attempt: number,
  refreshed: boolean,
  random: () => number = Math.random
): NextAttempt {
  const afterBackoff = { inMs: backoffMs(attempt, FIRST_DELAY_MS, MAX_DELAY_MS, random) }
  if (error instanceof KubeApiError) {
    if (error.status === 401) return refreshed ? 'stop' : 'refresh'
    if (error.status === 429 || (error.status === 503 && error.retryAfterMs !== undefined)) {
      return error.retryAfterMs === undefined
        ? afterBackoff
        : { inMs: Math.round(Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS) * (1 + random() / 4)) }
    }
    // A create conflicts if a quota is updated at the same time.
    if (isConflict(error) && method === 'POST') return afterBackoff
    return isOutcomeUnknown(error) && method !== 'POST' ? afterBackoff : 'stop'
  }
  if (!(error instanceof NoAnswerError) || error.reason === 'certificate') return 'stop'
  return method === 'POST' && error.sent ? 'stop' : afterBackoff
}
