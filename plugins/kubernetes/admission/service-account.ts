// Checks that a job may run as the service account that it names, and that the namespace has the account.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { Subject } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import { isNotFound } from '../client/errors.ts'
import { serviceAccountPath } from '../client/paths.ts'
import type { KubernetesProfiles } from '../policy/profile-keys.ts'

/** Resolves with whether the account exists; undefined if the launcher has no right to read it, or without a reply. */
export type ServiceAccountLookup = (name: string) => Promise<boolean | undefined>

export interface AccountRules {
  readonly profiles: KubernetesProfiles
  readonly namespace: string
  /** The account of jobs that name none; naming it is always allowed. */
  readonly defaultAccount: string | undefined
  readonly exists: ServiceAccountLookup
}

/** The client that submits the job waits, and the decision does not need the reply. */
const DEADLINE_MS = 5000
/** How long an account that existed is assumed to exist. */
const CACHE_MS = 60_000

export function createServiceAccountLookup (client: Calls, namespace: string): ServiceAccountLookup {
  const seenAt = new Map<string, number>()
  return async name => {
    const at = seenAt.get(name)
    if (at !== undefined && performance.now() - at < CACHE_MS) return true
    try {
      await client.call({ method: 'GET', path: serviceAccountPath(namespace, name), deadlineMs: DEADLINE_MS })
      seenAt.set(name, performance.now())
      return true
    } catch (error) {
      return isNotFound(error) ? false : undefined
    }
  }
}

/** Rejects with NotAllowedByProfile or ServiceAccountNotFound, with the file and line that set the rule. */
export async function checkServiceAccount (
  requested: string | undefined,
  { user, groups }: Subject,
  { profiles, namespace, defaultAccount, exists }: AccountRules
): Promise<void> {
  if (requested === undefined || requested === defaultAccount) return
  const rule = profiles.valueOf('service-accounts', user, groups)
  const details = { field: 'serviceAccount', key: 'service-accounts', file: rule?.file, line: rule?.line }
  if (rule === undefined) {
    throw new LauncherError(
      'NotAllowedByProfile',
      `The job names the service account ${requested}; no profile of ${user} has service-accounts.`,
      { field: 'serviceAccount', key: 'service-accounts' }
    )
  }
  if (!rule.value.includes(requested)) {
    throw new LauncherError(
      'NotAllowedByProfile',
      `The service account ${requested} is not allowed for ${user}; ${placeOf(rule)} allows: ` +
      `${rule.value.join(', ')}.`,
      details
    )
  }
  if ((await exists(requested)) === false) {
    throw new LauncherError(
      'ServiceAccountNotFound',
      `The service account ${requested}, which ${placeOf(rule)} allows ${user}, does not exist in the namespace ` +
      `${namespace}.`,
      details
    )
  }
}
