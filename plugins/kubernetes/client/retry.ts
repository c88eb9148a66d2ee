// Decides whether a failed call is made again, and when.

import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isConflict, isOutcomeUnknown } from './errors.ts'

const FIRST_MS = 200
const MOST_MS = 10_000
const MOST_RETRY_AFTER_MS = 60_000

export type NextTry =
  /** Make the call again after so many milliseconds. */
  | { readonly inMs: number }
  /** Read the credentials again, then make the call once more. */
  | 'refresh'
  /** The caller has to know. */
  | 'stop'

/**
 * What to do after try number `attempt` (1 is the first) failed. A create whose outcome is unknown is never repeated
 * here: its caller looks for the object by name first.
 */
export function nextTry (
  error: unknown,
  method: string,
  attempt: number,
  refreshed: boolean,
  random: () => number = Math.random
): NextTry {
  const soon = { inMs: backoffMs(attempt, FIRST_MS, MOST_MS, random) }
  if (error instanceof KubeApiError) {
    if (error.status === 401) return refreshed ? 'stop' : 'refresh'
    if (error.status === 429 || (error.status === 503 && error.retryAfterMs !== undefined)) {
      return error.retryAfterMs === undefined
        ? soon
        : { inMs: Math.round(Math.min(error.retryAfterMs, MOST_RETRY_AFTER_MS) * (1 + random() / 4)) }
    }
    // A create meets a conflict when a quota is counted at the same time.
    if (isConflict(error) && method === 'POST') return soon
    return isOutcomeUnknown(error) && method !== 'POST' ? soon : 'stop'
  }
  if (!(error instanceof NoAnswerError) || error.reason === 'certificate') return 'stop'
  return method === 'POST' && error.sent ? 'stop' : soon
}
