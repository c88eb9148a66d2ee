// Decides from the state of the contact whether the cache is fresh, and whether the cluster is ready.

import type { Health } from '../../../launcher/plugin.ts'

export interface ContactState {
  /** Whether each kind was listed once. */
  readonly complete: boolean
  /** Milliseconds since the last contact, of the kind whose contact is the oldest. Infinity before the first one. */
  readonly ageMs: number
  /** The last failure while there is no contact. */
  readonly error: Error | undefined
}

/** A little more than the time between two bookmarks, which come about each minute. */
const FRESH_MS = 75_000
/** A shorter loss of contact does not make the cluster unready. */
const TOLERATED_OUTAGE_MS = 10_000

/** Returns whether the cache is complete and in contact with the cluster. */
export function isFresh ({ complete, ageMs, error }: ContactState): boolean {
  return complete && error === undefined && ageMs < FRESH_MS
}

/** Not ready if there never was contact, or if contact is lost for longer than a reconnect takes. */
export function healthOf ({ complete, ageMs, error }: ContactState): Health {
  if (complete && ageMs < (error === undefined ? FRESH_MS : TOLERATED_OUTAGE_MS)) return { ready: true }
  const since = complete
    ? `No contact with the cluster for ${Math.round(ageMs / 1000)} s`
    : 'No contact with the cluster yet'
  const problem = error === undefined ? since : `${since}: ${error.message}`
  return {
    ready: false,
    message: `${problem}${/[.!]$/.test(problem) ? '' : '.'} Run job-launcher doctor to find the cause.`
  }
}
