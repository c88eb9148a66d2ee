// Calls whoever waits for something of a job.

export interface Rings {
  /** Calls `ring` whenever the job's are rung, until the function it returns is called. */
  on (id: string, ring: () => void): () => void
  ring (id: string): void
}

export function createRings (): Rings {
  const waiting = new Map<string, Set<() => void>>()
  return {
    on (id, ring) {
      const rings = waiting.get(id) ?? new Set()
      waiting.set(id, rings.add(ring))
      return () => {
        rings.delete(ring)
        if (rings.size === 0 && waiting.get(id) === rings) waiting.delete(id)
      }
    },
    ring (id) {
      for (const ring of waiting.get(id) ?? []) ring()
    }
  }
}
