// Limits how many tasks run at once. A waiting task is only a name in a queue.

export interface ConcurrencyLimit {
  /** Queues the name. A name that is already in the queue keeps its place. */
  enqueue (name: string): void
}

/** `work` is called for each name in the order of the queue, for at most `limit` names at once. It must not reject. */
export function createConcurrencyLimit (limit: number, work: (name: string) => Promise<void>): ConcurrencyLimit {
  const waiting = new Set<string>()
  let workers = 0

  async function workOff (): Promise<void> {
    workers += 1
    for (const name of waiting) {
      waiting.delete(name)
      await work(name)
    }
    workers -= 1
  }

  return {
    enqueue (name) {
      waiting.add(name)
      if (workers < limit) workOff()
    }
  }
}
