// How long to wait before the next try.

/** Milliseconds before try number `attempt` (1 is the first repeat): doubled each time from 100 ms to 30 s, with full jitter. */
export function backoffMs (attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(30_000, 100 * 2 ** Math.min(attempt, 20)) * (0.5 + random() / 2))
}
