// Goes on reading a stream of the launcher across a cut, such as a restart of the launcher.

import { setTimeout as delay } from 'node:timers/promises'
import { isLauncherError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'

/** Attempts in a row that may fail before the reader gives up: about half a minute. */
const MAX_MISSES = 18
const LONGEST_DELAY_MS = 2000

/**
 * Repeats `attempt` from where it stopped until it returns true. The attempt calls `opened` when the launcher has
 * answered it. A launcher that does not answer the very first attempt is an error at once; later it is waited for.
 * Ends without an error when `signal` is aborted.
 */
export async function * resuming<T> (
  attempt: (opened: () => void) => AsyncGenerator<T, boolean>,
  signal?: AbortSignal
): AsyncGenerator<T, void> {
  let everOpened = false
  let misses = 0
  const opened = () => {
    everOpened = true
    misses = 0
  }
  for (;;) {
    try {
      if (yield * attempt(opened)) return
    } catch (error) {
      if (signal?.aborted === true) return
      if (!everOpened || misses >= MAX_MISSES || !isPassing(error)) throw error
      misses++
    }
    try {
      await delay(Math.min(backoffMs(misses), LONGEST_DELAY_MS), undefined, { signal })
    } catch {
      return
    }
  }
}

function isPassing (error: unknown): boolean {
  return isLauncherError(error, 'LauncherUnreachable') || isLauncherError(error, 'ShuttingDown')
}
