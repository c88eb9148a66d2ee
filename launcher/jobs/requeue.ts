// Reconciles jobs later: after a time, or after a failure with growing delays.

import { backoffMs } from '../lib/backoff.ts'

export interface Requeue {
  /** Replaces an earlier time of the job. */
  after (ms: number, id: string): void
  /** The delay grows with the job's failures in succession, up to `maxMs`. */
  afterFailure (id: string, maxMs?: number): void
  /** The next failure of the job counts as its first. */
  forgetFailures (id: string): void
  hasFailed (id: string): boolean
  /** Ids of the jobs that have failed. */
  failing (): string[]
  cancel (id: string): void
  /** Cancels all, and ignores what comes later. */
  close (): void
}

export function createRequeue (enqueue: (id: string) => void): Requeue {
  const timers = new Map<string, NodeJS.Timeout>()
  const failures = new Map<string, number>()
  let closed = false

  function after (ms: number, id: string): void {
    clearTimeout(timers.get(id))
    if (closed) return
    timers.set(id, setTimeout(enqueue, Math.min(ms, 2 ** 31 - 1), id).unref())
  }

  return {
    after,
    afterFailure (id, maxMs = Infinity) {
      const attempt = (failures.get(id) ?? 0) + 1
      failures.set(id, attempt)
      after(Math.min(backoffMs(attempt), maxMs), id)
    },
    forgetFailures (id) { failures.delete(id) },
    hasFailed: id => failures.has(id),
    failing: () => [...failures.keys()],
    cancel (id) {
      clearTimeout(timers.get(id))
      timers.delete(id)
    },
    close () {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
    }
  }
}
