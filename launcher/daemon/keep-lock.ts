// Locks the launcher's lock file again if it was removed, and ends the launcher if another one has taken its place.

import type { Logger } from 'pino'
import { isLauncherError } from '../errors.ts'
import type { Lock } from './lock.ts'

/** How soon the launcher tries again to lock a file that another process has locked. */
const RETRY_MS = 100

export interface KeptLock {
  /** Checks the file now and locks it again if it is gone. Never throws. */
  check (): void
  /** Rejects when another launcher has taken the scratch path over. */
  readonly lost: Promise<never>
  close (): void
}

/** The caller holds the lock that `renew` renews; see Lock. */
export function keepLock (
  renew: Lock['renew'],
  { scratchPath, log }: { scratchPath: string, log: Pick<Logger, 'warn' | 'error' | 'fatal'> }
): KeptLock {
  const { promise: lost, reject } = Promise.withResolvers<never>()
  lost.catch(() => {})
  let contested = false
  let retry: NodeJS.Timeout | undefined

  function check (): void {
    clearTimeout(retry)
    try {
      const state = renew()
      if (state === 'renewed') log.warn({ scratchPath }, 'removed lock file locked again')
      if (state === 'contested') {
        if (!contested) log.warn({ scratchPath }, 'lock file held by another process')
        retry = setTimeout(check, RETRY_MS).unref()
      }
      contested = state === 'contested'
    } catch (error) {
      if (isLauncherError(error, 'ScratchPathTaken') || isLauncherError(error, 'PredecessorStopping')) {
        log.fatal({ err: error }, 'lock lost to another launcher, stopping')
        reject(error)
      } else {
        log.error({ err: error }, 'removed lock file not created')
      }
    }
  }

  return { check, lost, close: () => clearTimeout(retry) }
}
