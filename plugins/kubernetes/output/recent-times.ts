// The times of the last lines of a log, each with how many lines followed each other with it. A log has millions of
// lines, of which only the last few hundred matter: their times are kept as bytes, and a text is made when one is asked
// for.

export interface RecentTimes {
  /** Whether the last line had the time that stands there. */
  isLast (bytes: Uint8Array, start: number, end: number): boolean
  /** A line with the time that stands there. */
  add (bytes: Uint8Array, start: number, end: number): void
  oldest (): string | undefined
  newest (): string | undefined
  /** Oldest first. */
  all (): Array<[time: string, lines: number]>
}

const KEPT = 256
/** Of a time in bytes, and more than any that a node gives. */
const WIDTH = 40

export function createRecentTimes (saved: ReadonlyArray<readonly [time: string, lines: number]> = []): RecentTimes {
  const times = Buffer.alloc(KEPT * WIDTH)
  const lengths = new Uint8Array(KEPT)
  const lines = new Float64Array(KEPT)
  /** Times so far; each has the place that is its number modulo KEPT. */
  let count = 0

  function put (bytes: Uint8Array, start: number, end: number, repeated: number): void {
    const place = count % KEPT
    const from = place * WIDTH
    const length = Math.min(WIDTH, end - start)
    for (let index = 0; index < length; index++) times[from + index] = bytes[start + index]!
    lengths[place] = length
    lines[place] = repeated
    count += 1
  }

  function text (number: number): string {
    const place = number % KEPT
    return times.toString('latin1', place * WIDTH, place * WIDTH + lengths[place]!)
  }

  function isLast (bytes: Uint8Array, start: number, end: number): boolean {
    if (count === 0) return false
    const place = (count - 1) % KEPT
    const from = place * WIDTH
    const length = end - start
    if (lengths[place] !== length) return false
    // Times that follow each other differ at their end.
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
      if (isLast(bytes, start, end)) lines[(count - 1) % KEPT]! += 1
      else put(bytes, start, end, 1)
    },
    oldest: () => count === 0 ? undefined : text(Math.max(0, count - KEPT)),
    newest: () => count === 0 ? undefined : text(count - 1),
    all () {
      const kept = Math.min(count, KEPT)
      return Array.from({ length: kept }, (_, index) => [
        text(count - kept + index),
        lines[(count - kept + index) % KEPT]!
      ])
    }
  }
}
