// Lists what a user may use on this machine. Pure.

import { decideLimits, limitEntitlements } from '../../launcher/plugin-kit/decide-limits.ts'
import type { LoadedPolicy } from '../../launcher/plugin-kit/policy-reloader.ts'
import type { Entitlements, Subject } from '../../launcher/plugin.ts'
import { LIMIT_RULES } from './limits.ts'
import type { LocalProfiles } from './profile-keys.ts'

export function entitlementsOf (
  { policy: profiles, ...state }: LoadedPolicy<LocalProfiles>,
  subject: Subject
): Entitlements {
  return {
    limits: limitEntitlements(decideLimits([], LIMIT_RULES, profiles, subject)),
    ownLimits: true,
    policy: state
  }
}
