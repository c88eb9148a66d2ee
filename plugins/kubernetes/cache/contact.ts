// Tracks the contact of a watch with the API server. Logs its loss as a warning once it lasts, and then its return.

import type { Logger } from 'pino'

export interface Contact {
  /** The server sent something. */
  received (): void
  /** A list or watch failed, for the `failures`th time in a row. */
  failed (err: Error, failures: number): void
  /** The server sent something in a watch, which ends an outage. A list alone does not: its watch may fail. */
  watching (): void
  /** Milliseconds since the server last sent anything, bookmarks included. Undefined before the first list. */
  age (): number | undefined
  /** The last failure while there is no contact; undefined while there is. */
  lastError (): Error | undefined
}

/** Failures in a row after which the loss of the watch is logged as a warning. */
const FAILURES_BEFORE_WARNING = 3

export function createContact (log: Logger): Contact {
  const createdAt = performance.now()
  let contactAt: number | undefined
  let lastError: Error | undefined
  /** The last contact before the failures that no watch has ended yet. */
  let outageSince: number | undefined
  let loggedOutage = false

  function received (): void {
    contactAt = performance.now()
    lastError = undefined
  }

  return {
    received,
    failed (err, failures) {
      lastError = err
      outageSince ??= contactAt ?? createdAt
      if (failures < FAILURES_BEFORE_WARNING || loggedOutage) {
        log.debug({ err, failures }, 'watch interrupted')
        return
      }
      loggedOutage = true
      log.warn({ err, failures }, 'watch lost')
    },
    watching () {
      if (loggedOutage) {
        log.warn({ outageMs: Math.round(performance.now() - outageSince!) }, 'watch restored')
      }
      loggedOutage = false
      outageSince = undefined
      received()
    },
    age: () => contactAt === undefined ? undefined : performance.now() - contactAt,
    lastError: () => lastError
  }
}
