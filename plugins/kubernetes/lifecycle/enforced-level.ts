// Follows the Pod Security level that the namespace of the jobs enforces.

import { singleFlight } from '../../../launcher/lib/single-flight.ts'
import type { Calls } from '../client/client.ts'
import { isForbidden } from '../client/errors.ts'
import { namespacePath } from '../client/paths.ts'
import { enforcedBy, ENFORCE_LABEL, type PodSecurityLevel } from '../config/pod-security.ts'

export interface EnforcedLevel {
  /** Reads the namespace, unless that was tried in the last second. Never rejects. */
  refresh (): Promise<void>
  /** The level that was last read. Undefined if none is enforced, or the namespace was never read. */
  current (): PodSecurityLevel | undefined
  /** Reads the namespace, and resolves with whether a change was seen after this time of the API server. */
  changedSince (time: number): Promise<boolean>
}

const READ_EVERY_MS = 1000
/** A submission waits for the read, and the last known level is good enough without it. */
const DEADLINE_MS = 1000
/** Without a known level, a busy API server has more time: a pod of the wrong level would be refused. */
const FIRST_DEADLINE_MS = 5000

/** `now` returns the API server's time. `readEveryMs`: how long a reading counts. Defaults to 1000. */
export function createEnforcedLevel (
  client: Calls, namespace: string, now: () => number = Date.now, readEveryMs: number = READ_EVERY_MS
): EnforcedLevel {
  let level: PodSecurityLevel | undefined
  let triedAt = -Infinity
  let wasRead = false
  let changedAt = -Infinity
  function note (found: PodSecurityLevel | undefined): void {
    // After a try, objects may have been built for the level before. That of a failed try is none.
    if (triedAt > -Infinity && found !== level) changedAt = now()
    wasRead = true
    level = found
  }
  const { run } = singleFlight(async () => {
    if (performance.now() - triedAt < readEveryMs) return
    try {
      const { metadata } = await client.call<{ metadata?: { labels?: Record<string, string> } }>({
        method: 'GET',
        path: namespacePath(namespace),
        noRetry: true,
        deadlineMs: wasRead ? DEADLINE_MS : FIRST_DEADLINE_MS
      })
      note(enforcedBy(metadata?.labels?.[ENFORCE_LABEL]))
    } catch (error) {
      if (isForbidden(error)) note(undefined)
    }
    triedAt = performance.now()
  })
  return {
    refresh: run,
    current: () => level,
    async changedSince (time) {
      await run()
      return changedAt >= time
    }
  }
}
