// Resumes reading a stream after an interruption, such as a restart of the launcher.

import { setTimeout as delay } from 'node:timers/promises'
import { isLauncherError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'

/** Consecutive failures before the reader gives up: about half a minute. */
const MAX_FAILURES = 18
const MAX_DELAY_MS = 2000

/**
 * Repeats `attempt` from where it stopped until it returns true. The attempt calls `opened` once the launcher has
 * answered. Rejects if nothing answers the first attempt; later waits for it. Waits for a launcher that stops or adopts
 * jobs from the first attempt on. Ends without an error when `signal` is aborted.
 */
export async function * resuming<T> (
  attempt: (opened: () => void) => AsyncGenerator<T, boolean>,
  signal?: AbortSignal
): AsyncGenerator<T, void> {
  let everOpened = false
  let failures = 0
  const opened = () => {
    everOpened = true
    failures = 0
  }
  for (;;) {
    try {
      if (yield * attempt(opened)) return
    } catch (error) {
      if (signal?.aborted === true) return
      if (failures >= MAX_FAILURES || !isTemporary(error, everOpened)) throw error
      failures++
    }
    try {
      await delay(Math.min(backoffMs(failures), MAX_DELAY_MS), undefined, { signal })
    } catch {
      return
    }
  }
}

function isTemporary (error: unknown, everOpened: boolean): boolean {
  if (isLauncherError(error, 'AdoptionIncomplete') || isLauncherError(error, 'ShuttingDown')) return true
  return everOpened && isLauncherError(error, 'LauncherUnreachable')
}
