// Wakes one waiter. Any number of notifications from any caller count as one, including those before the wait begins.

export interface Notifier {
  notify (): void
  /** Discards earlier notifications. To miss nothing, observe the state after this call and before `wait`. */
  reset (): void
  /** Resolves with true at the first notification since the reset, or with false after `ms` milliseconds. */
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
