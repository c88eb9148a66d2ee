// Says how long ago something was that has a time of day, whatever becomes of the clock meanwhile.

export interface MonotonicAge {
  /**
   * Milliseconds since `at`, which is in milliseconds since 1970. The first call for a key and a time goes by the
   * clock; from then on a clock that is set forward or back changes nothing. `at` may be from an earlier process.
   */
  since (key: string, at: number): number
  forget (key: string): void
}

export function createMonotonicAge (
  now: () => number = Date.now,
  steady: () => number = () => performance.now()
): MonotonicAge {
  /** `offset` turns steady time into the clock's, as it was at the first call. */
  const begun = new Map<string, { at: number, offset: number }>()
  return {
    since (key, at) {
      let entry = begun.get(key)
      if (entry?.at !== at) {
        entry = { at, offset: now() - steady() }
        begun.set(key, entry)
      }
      return steady() + entry.offset - at
    },
    forget (key) { begun.delete(key) }
  }
}
