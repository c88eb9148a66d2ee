// Bounds how many of something are open at once; who comes late waits in turn.

export interface Slots {
  /** Whether `take` would resolve at once. */
  free (): boolean
  /** Resolves with the function that gives the slot back; safe to call twice. Rejects with the signal's reason when it aborts first. */
  take (signal: AbortSignal): Promise<() => void>
}

export function slots (most: number): Slots {
  let free = most
  const waiting = new Set<() => void>()

  function give (): () => void {
    let given = true
    return () => {
      if (!given) return
      given = false
      const next = waiting.values().next().value
      if (next === undefined) free += 1
      else next()
    }
  }

  return {
    free: () => free > 0,
    take (signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        if (free > 0) {
          free -= 1
          return resolve(give())
        }
        const turn = (): void => {
          waiting.delete(turn)
          signal.removeEventListener('abort', leave)
          resolve(give())
        }
        const leave = (): void => {
          waiting.delete(turn)
          reject(signal.reason)
        }
        waiting.add(turn)
        signal.addEventListener('abort', leave, { once: true })
      })
    }
  }
}
