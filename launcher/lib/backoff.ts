// Exponential backoff with full jitter, for many clients that may retry at the same time.

const FIRST_MS = 200
const MAX_MS = 30_000

/**
 * Returns the milliseconds before retry number `attempt` (from 1): a random number from 0 to a bound. The bound starts
 * at `firstMs` and doubles with each retry, up to `maxMs`.
 */
export function backoffMs (
  attempt: number,
  firstMs = FIRST_MS,
  maxMs = MAX_MS,
  random: () => number = Math.random
): number {
  return Math.round(Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 20)) * random())
}
