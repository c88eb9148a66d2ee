// How long to wait before the next try when many may be waiting for the same thing.

const FIRST_MS = 200
const MOST_MS = 30_000

/**
 * Milliseconds before try number `attempt` (1 is the first repeat): anything from 0 to a bound, which is `first` and
 * doubles from try to try up to `most`.
 */
export function backoffMs (
  attempt: number,
  first = FIRST_MS,
  most = MOST_MS,
  random: () => number = Math.random
): number {
  return Math.round(Math.min(most, first * 2 ** Math.min(attempt - 1, 20)) * random())
}
