// How long to wait before the next try when many may be waiting for the same server.

/** Milliseconds before try number `attempt` (1 is the first repeat): anything from 0 to a bound that doubles from `first` up to `most`. */
export function fullJitterMs (attempt: number, first: number, most: number, random: () => number = Math.random): number {
  return Math.round(Math.min(most, first * 2 ** Math.min(attempt - 1, 20)) * random())
}
