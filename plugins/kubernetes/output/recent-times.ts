// The times of the last lines of a log, each with the number of consecutive lines that have it. A log has millions of
// lines, of which only the last few hundred matter: their times are stored as bytes, and converted to strings on
// demand.

export interface RecentTimes {
  /** Whether the last line had the time in that range. */
  isLast (bytes: Uint8Array, start: number, end: number): boolean
  /** Adds a line with the time in that range. */
  add (bytes: Uint8Array, start: number, end: number): void
  oldest (): string | undefined
  newest (): string | undefined
  /** Oldest first. */
  all (): Array<[time: string, lines: number]>
}

const CAPACITY = 256
/** Bytes reserved for a time, more than any that a node writes. */
const WIDTH = 40

export function createRecentTimes (saved: ReadonlyArray<readonly [time: string, lines: number]> = []): RecentTimes {
  const times = Buffer.alloc(CAPACITY * WIDTH)
  const lengths = new Uint8Array(CAPACITY)
  const lines = new Float64Array(CAPACITY)
  /** Number of times added so far. Time number n is stored in slot n modulo CAPACITY. */
  let count = 0

  function put (bytes: Uint8Array, start: number, end: number, repeated: number): void {
    const slot = count % CAPACITY
    const from = slot * WIDTH
    const length = Math.min(WIDTH, end - start)
    for (let index = 0; index < length; index++) times[from + index] = bytes[start + index]!
    lengths[slot] = length
    lines[slot] = repeated
    count += 1
  }

  function textOf (number: number): string {
    const slot = number % CAPACITY
    return times.toString('latin1', slot * WIDTH, slot * WIDTH + lengths[slot]!)
  }

  function isLast (bytes: Uint8Array, start: number, end: number): boolean {
    if (count === 0) return false
    const slot = (count - 1) % CAPACITY
    const from = slot * WIDTH
    const length = end - start
    if (lengths[slot] !== length) return false
    // Consecutive times differ at their end, so compare from there.
    for (let index = length - 1; index >= 0; index--) if (times[from + index] !== bytes[start + index]) return false
    return true
  }

  for (const [time, repeated] of saved) {
    const bytes = Buffer.from(time, 'latin1')
    put(bytes, 0, bytes.length, repeated)
  }

  return {
    isLast,
    add (bytes, start, end) {
      if (isLast(bytes, start, end)) lines[(count - 1) % CAPACITY]! += 1
      else put(bytes, start, end, 1)
    },
    oldest: () => count === 0 ? undefined : textOf(Math.max(0, count - CAPACITY)),
    newest: () => count === 0 ? undefined : textOf(count - 1),
    all () {
      const stored = Math.min(count, CAPACITY)
      return Array.from({ length: stored }, (_, index) => [
        textOf(count - stored + index),
        lines[(count - stored + index) % CAPACITY]!
      ])
    }
  }
}
