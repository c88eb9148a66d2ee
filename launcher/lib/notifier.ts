// Wakes one waiter: rung by anybody, any number of times, also just before the waiter begins to wait.

export interface Notifier {
  notify (): void
  /** Forgets earlier rings. Look at the world after this and before `wait`, so that nothing is missed. */
  reset (): void
  /** Resolves at the next ring since the reset, or after `ms` milliseconds; true when it was rung. */
  wait (ms: number): Promise<boolean>
}

export function createNotifier (): Notifier {
  let notified = false
  let wake: (() => void) | undefined
  return {
    notify () {
      notified = true
      wake?.()
    },
    reset () { notified = false },
    async wait (ms) {
      if (!notified) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, ms)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      return notified
    }
  }
}
