// Lets so many of many that want something have it at once; who waits is only a name in a queue.

export interface ConcurrencyLimit {
  /** Its turn comes when those before it had theirs. Who waits already keeps his place. */
  ask (name: string): void
}

/** `take` is what each does in its turn; it must not reject. */
export function createConcurrencyLimit (most: number, take: (name: string) => Promise<void>): ConcurrencyLimit {
  const waiting = new Set<string>()
  let taking = 0

  async function next (): Promise<void> {
    taking += 1
    for (const name of waiting) {
      waiting.delete(name)
      await take(name)
    }
    taking -= 1
  }

  return {
    ask (name) {
      waiting.add(name)
      if (taking < most) next()
    }
  }
}
