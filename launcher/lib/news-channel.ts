// Lets any number of readers wait for the next piece of news, without keeping anything for those who do not.

export interface NewsChannel {
  /** Wakes everyone who waits now. */
  tell (): void
  /** Resolves at the next `tell`, or when the signal aborts. */
  next (signal: AbortSignal): Promise<void>
}

export function newsChannel (): NewsChannel {
  let waiting = new Set<() => void>()
  return {
    tell () {
      const woken = waiting
      waiting = new Set()
      for (const wake of woken) wake()
    },
    next (signal) {
      return new Promise(resolve => {
        if (signal.aborted) return resolve()
        const wake = (): void => {
          signal.removeEventListener('abort', wake)
          waiting.delete(wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake, { once: true })
      })
    }
  }
}
