// Measures the time since a wall-clock time, unaffected by later changes of the clock.

export interface MonotonicAge {
  /**
   * Returns the milliseconds since `at`, which is in milliseconds since 1970. The first call for a key and a time uses
   * the wall clock. Later calls are unaffected if the clock is set forward or back, also if other times of the key
   * were asked for between them. `at` may come from an earlier process.
   */
  since (key: string, at: number): number
  forget (key: string): void
}

export function createMonotonicAge (
  now: () => number = Date.now,
  monotonicNow: () => number = () => performance.now()
): MonotonicAge {
  /** For each time of a key, what converts monotonic time to the wall-clock time of its first call. */
  const offsets = new Map<string, Map<number, number>>()
  return {
    since (key, at) {
      const ofKey = offsets.get(key) ?? new Map<number, number>()
      offsets.set(key, ofKey)
      const offset = ofKey.get(at) ?? now() - monotonicNow()
      ofKey.set(at, offset)
      return monotonicNow() + offset - at
    },
    forget (key) { offsets.delete(key) }
  }
}
