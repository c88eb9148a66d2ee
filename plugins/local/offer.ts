// Says what a user may use of this machine. Pure.

import { decideLimits, limitOffers } from '../../launcher/plugin-kit/decide-limits.ts'
import type { InForce } from '../../launcher/plugin-kit/policy-reloader.ts'
import type { Offer, Who } from '../../launcher/plugin.ts'
import { LIMIT_RULES } from './limits.ts'
import type { LocalProfiles } from './profile-keys.ts'

export function offerOf ({ policy: profiles, ...state }: InForce<LocalProfiles>, who: Who): Offer {
  return {
    limits: limitOffers(decideLimits([], LIMIT_RULES, profiles, who)),
    ownLimits: true,
    policy: state
  }
}
