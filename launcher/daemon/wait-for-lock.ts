// Waits for the lock on a scratch path while the launcher before this one stops.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isLauncherError } from '../errors.ts'
import { takeLock, type Lock } from './lock.ts'

export interface LockWait {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Ends the wait with the error of the last attempt. */
  readonly signal: AbortSignal
  /** Milliseconds to wait for a running launcher to begin to stop. */
  readonly runningMs?: number
  /** Milliseconds to wait for a launcher that is stopping. Longer than the longest graceful shutdown. */
  readonly stoppingMs?: number
}

/** A host may have sent SIGTERM a moment ago. */
const RUNNING_MS = 1000
const STOPPING_MS = 20_000
const POLL_MS = 50

/**
 * Takes the lock as soon as it is free. Rejects with ScratchPathTaken after `runningMs` if another launcher runs, and
 * with PredecessorStopping if a stopping launcher takes too long.
 */
export async function waitForLock (
  scratchPath: string,
  { log, signal, runningMs = RUNNING_MS, stoppingMs = STOPPING_MS }: LockWait
): Promise<Lock> {
  const began = performance.now()
  let reported = false
  for (;;) {
    try {
      const lock = takeLock(scratchPath)
      if (reported) log.info({ scratchPath, waitedMs: waited() }, 'scratch path free')
      return lock
    } catch (error) {
      const stopping = isLauncherError(error, 'PredecessorStopping')
      if (!stopping && !isLauncherError(error, 'ScratchPathTaken')) throw error
      if (stopping && !reported) {
        log.warn({ scratchPath, holder: error.details.pid, maxMs: stoppingMs }, 'waiting for launcher to stop')
        reported = true
      }
      if (signal.aborted || waited() >= (stopping ? stoppingMs : runningMs)) throw error
    }
    await delay(POLL_MS)
  }

  function waited (): number {
    return Math.round(performance.now() - began)
  }
}
