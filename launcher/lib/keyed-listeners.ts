// Listeners registered by key, such as a job id.

export interface KeyedListeners {
  /** Calls `listener` at each `emit` of the id until the returned function is called. */
  on (id: string, listener: () => void): () => void
  emit (id: string): void
}

export function createKeyedListeners (): KeyedListeners {
  const byKey = new Map<string, Set<() => void>>()
  return {
    on (id, listener) {
      const listeners = byKey.get(id) ?? new Set()
      byKey.set(id, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && byKey.get(id) === listeners) byKey.delete(id)
      }
    },
    emit (id) {
      for (const listener of byKey.get(id) ?? []) listener()
    }
  }
}
