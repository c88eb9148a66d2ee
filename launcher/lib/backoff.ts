// How long to wait before the next try.

/** Milliseconds before try number `attempt` (1 is the first repeat): at most 200, doubled each time up to 30,000; up to half of it is taken off at random. */
export function backoffMs (attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(30_000, 100 * 2 ** Math.min(attempt, 20)) * (0.5 + random() / 2))
}
