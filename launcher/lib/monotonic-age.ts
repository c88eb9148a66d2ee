// Measures the time since a wall-clock time, unaffected by later changes of the clock.

export interface MonotonicAge {
  /**
   * Returns the milliseconds since `at`, which is in milliseconds since 1970. The first call for a key and a time uses
   * the wall clock. Later calls are unaffected if the clock is set forward or back. `at` may come from an earlier
   * process.
   */
  since (key: string, at: number): number
  forget (key: string): void
}

export function createMonotonicAge (
  now: () => number = Date.now,
  monotonicNow: () => number = () => performance.now()
): MonotonicAge {
  /** `offset` converts monotonic time to the wall-clock time of the first call. */
  const entries = new Map<string, { at: number, offset: number }>()
  return {
    since (key, at) {
      let entry = entries.get(key)
      if (entry?.at !== at) {
        entry = { at, offset: now() - monotonicNow() }
        entries.set(key, entry)
      }
      return monotonicNow() + entry.offset - at
    },
    forget (key) { entries.delete(key) }
  }
}
