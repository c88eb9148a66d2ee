// Waits for the lock on a scratch path while the launcher before this one stops.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isLauncherError } from '../errors.ts'
import { takeLock, type Lock } from './lock.ts'

export interface LockWait {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Ends the wait; what the last try threw is thrown. */
  readonly signal: AbortSignal
  /** Milliseconds for which a launcher that has not begun to stop may yet do so. */
  readonly runningMs?: number
  /** Milliseconds for a launcher that stops: longer than the longest orderly end. */
  readonly stoppingMs?: number
}

/** A host may have sent SIGTERM a moment ago. */
const RUNNING_MS = 1000
const STOPPING_MS = 20_000
const LOOK_MS = 50

/**
 * Takes the lock as soon as it is free. Throws ScratchPathTaken soon if another launcher runs, and PredecessorStopping
 * if one that stops needs too long.
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
      if (reported) log.info({ scratchPath, waitedMs: waited() }, 'the scratch path is free')
      return lock
    } catch (error) {
      const stopping = isLauncherError(error, 'PredecessorStopping')
      if (!stopping && !isLauncherError(error, 'ScratchPathTaken')) throw error
      if (stopping && !reported) {
        log.warn({ scratchPath, holder: error.details.pid, longestMs: stoppingMs }, 'waiting for a launcher to stop')
        reported = true
      }
      if (signal.aborted || waited() >= (stopping ? stoppingMs : runningMs)) throw error
    }
    await delay(LOOK_MS)
  }

  function waited (): number {
    return Math.round(performance.now() - began)
  }
}
