// Decides whether a job may run as the service account that it names. Pure but for the question whether there is one.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { Subject } from '../../../launcher/plugin.ts'
import type { KubernetesProfiles } from './profile-keys.ts'

export interface AccountRules {
  readonly profiles: KubernetesProfiles
  readonly namespace: string
  /** The account of jobs that name none; naming it is always allowed. */
  readonly defaultAccount: string | undefined
  /** Whether the namespace has the account; undefined when nobody can tell. */
  exists (name: string): Promise<boolean | undefined>
}

/** Rejects with NotAllowedByProfile or ServiceAccountNotFound, with the file and line that set the rule. */
export async function checkServiceAccount (
  asked: string | undefined,
  { user, groups }: Subject,
  { profiles, namespace, defaultAccount, exists }: AccountRules
): Promise<void> {
  if (asked === undefined || asked === defaultAccount) return
  const rule = profiles.valueOf('service-accounts', user, groups)
  const details = { field: 'serviceAccount', key: 'service-accounts', file: rule?.file, line: rule?.line }
  if (rule === undefined) {
    throw new LauncherError(
      'NotAllowedByProfile',
      `The job names the service account ${asked}; no profile of ${user} has service-accounts.`,
      { field: 'serviceAccount', key: 'service-accounts' }
    )
  }
  if (!rule.value.includes(asked)) {
    throw new LauncherError(
      'NotAllowedByProfile',
      `The service account ${asked} is not one of those that ${placeOf(rule)} gives ${user}: ${rule.value.join(', ')}.`,
      details
    )
  }
  if ((await exists(asked)) === false) {
    throw new LauncherError(
      'ServiceAccountNotFound',
      `The service account ${asked}, which ${placeOf(rule)} gives ${user}, does not exist in the namespace ` +
      `${namespace}.`,
      details
    )
  }
}
