// Current rules from configuration and policy: the account that a user's jobs run as, and the rules of a decision.

import type { UserAccount } from '../../launcher/lib/users.ts'
import type { LocalRules } from './decide.ts'
import type { Parts } from './parts.ts'

type Governed = Pick<Parts, 'accounts' | 'cgroups' | 'config' | 'defaultUser' | 'policyReloader'>

/** Rejects with UserNotFound or UserNotPossible. */
export async function accountFor (
  user: string, { accounts, config, defaultUser }: Pick<Governed, 'accounts' | 'config' | 'defaultUser'>
): Promise<UserAccount> {
  return await accounts.accountOf(user === defaultUser ? config.serverUser ?? user : user)
}

/** Reads the policy once, so that one decision has one policy. */
export function rulesOf (parts: Governed): LocalRules {
  return {
    profiles: parts.policyReloader.current().policy,
    can: parts.cgroups.can,
    allowUnenforced: parts.config.allowUnenforcedLimits,
    accountOf: user => accountFor(user, parts)
  }
}
