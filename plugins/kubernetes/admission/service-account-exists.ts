// Asks the API server whether the namespace has a service account, and keeps the answer for a while.

import { serviceAccountPath } from '../client/paths.ts'
import { isNotFound } from '../client/errors.ts'
import type { Call } from '../client/client.ts'

/** Somebody waits for his job to be accepted, and an answer is not needed. */
const DEADLINE_MS = 5000
/** An account that was there is there for so long. */
const KEPT_MS = 60_000

/** Undefined when it cannot be told: without the right to read accounts, or without an API server. */
export function createServiceAccountLookup (
  call: (call: Call) => Promise<unknown>,
  namespace: string
): (name: string) => Promise<boolean | undefined> {
  const seen = new Map<string, number>()
  return async name => {
    const at = seen.get(name)
    if (at !== undefined && performance.now() - at < KEPT_MS) return true
    try {
      await call({ method: 'GET', path: serviceAccountPath(namespace, name), deadlineMs: DEADLINE_MS })
      seen.set(name, performance.now())
      return true
    } catch (error) {
      return isNotFound(error) ? false : undefined
    }
  }
}
