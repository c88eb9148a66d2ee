// A cache of bounded weight that drops what was used least recently.

export interface LeastRecentlyUsed<V> {
  get (key: string): V | undefined
  /** Adds or replaces a value, then drops others, or itself if it is heavier than all together may be. */
  set (key: string, value: V, weight?: number): void
  /** Replaces the value of a key that is cached. It keeps its weight, and is not used by this. */
  replace (key: string, value: V): void
  delete (key: string): void
  clear (): void
}

/** Keeps values whose weights are at most `maxWeight` together. A value without a weight has 1. */
export function leastRecentlyUsed<V> (maxWeight: number): LeastRecentlyUsed<V> {
  // A Map keeps the order in which its keys were set, so the first key is the least recently used.
  const entries = new Map<string, { readonly value: V, readonly weight: number }>()
  let weight = 0

  function remove (key: string): void {
    weight -= entries.get(key)?.weight ?? 0
    entries.delete(key)
  }

  return {
    get (key) {
      const found = entries.get(key)
      if (found === undefined) return undefined
      entries.delete(key)
      entries.set(key, found)
      return found.value
    },
    set (key, value, added = 1) {
      remove(key)
      entries.set(key, { value, weight: added })
      weight += added
      while (weight > maxWeight) remove(entries.keys().next().value!)
    },
    replace (key, value) {
      const found = entries.get(key)
      if (found !== undefined) entries.set(key, { ...found, value })
    },
    delete: remove,
    clear () {
      entries.clear()
      weight = 0
    }
  }
}
