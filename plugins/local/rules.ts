// Current rules from configuration and policy: the account that a user's jobs run as, and the rules of a decision.

import type { UserAccount } from '../../launcher/lib/users.ts'
import { priorityRule, runningRules } from '../../launcher/plugin-kit/start-rules.ts'
import type { StartRules, Subject } from '../../launcher/plugin.ts'
import type { LocalRules } from './decide.ts'
import type { Parts } from './parts.ts'

type Governed = Pick<Parts, 'accounts' | 'cgroups' | 'config' | 'defaultUser' | 'policyReloader'>

/** Rejects with UserNotFound or UserNotPossible. */
export async function accountFor (
  user: string, { accounts, config, defaultUser }: Pick<Governed, 'accounts' | 'config' | 'defaultUser'>
): Promise<UserAccount> {
  return await accounts.accountOf(user === defaultUser ? config.serverUser ?? user : user)
}

export function startRules (
  subject: Subject, { config, policyReloader }: Pick<Governed, 'config' | 'policyReloader'>
): StartRules {
  const { policy: profiles } = policyReloader.current()
  return { ...runningRules(profiles, subject, config.maxRunningJobs), ...priorityRule(profiles, subject) }
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
