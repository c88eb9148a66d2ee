// Follows the Pod Security level that the namespace of the jobs enforces.

import { singleFlight } from '../../../launcher/lib/single-flight.ts'
import type { Calls } from '../client/client.ts'
import { isForbidden } from '../client/errors.ts'
import { namespacePath } from '../client/paths.ts'
import { enforcedBy, ENFORCE_LABEL, type PodSecurityLevel } from '../config/pod-security.ts'

export interface EnforcedLevel {
  /** Reads the namespace, unless that was tried in the last 10 s. Never rejects. */
  refresh (): Promise<void>
  /** The level that was last read. Undefined if none is enforced, or the namespace was never read. */
  current (): PodSecurityLevel | undefined
}

const READ_EVERY_MS = 10_000
/** A submission waits for the read, and the last known level is good enough without it. */
const DEADLINE_MS = 1000

/** `readEveryMs`: how long a reading counts. Defaults to 10,000. */
export function createEnforcedLevel (
  client: Calls, namespace: string, readEveryMs: number = READ_EVERY_MS
): EnforcedLevel {
  let level: PodSecurityLevel | undefined
  let triedAt = -Infinity
  const { run } = singleFlight(async () => {
    if (performance.now() - triedAt < readEveryMs) return
    try {
      const { metadata } = await client.call<{ metadata?: { labels?: Record<string, string> } }>({
        method: 'GET',
        path: namespacePath(namespace),
        noRetry: true,
        deadlineMs: DEADLINE_MS
      })
      level = enforcedBy(metadata?.labels?.[ENFORCE_LABEL])
    } catch (error) {
      if (isForbidden(error)) level = undefined
    }
    triedAt = performance.now()
  })
  return { refresh: run, current: () => level }
}
