// Says what a user may use of this machine. Pure.

import type { InForce } from '../../launcher/lib/held-policy.ts'
import type { Offer, Who } from '../../launcher/plugin.ts'
import { LIMIT_RULES, presetLimit } from './limits.ts'
import type { LocalProfiles } from './profile-keys.ts'

export function offerOf ({ policy: profiles, ...state }: InForce<LocalProfiles>, who: Who): Offer {
  return {
    limits: LIMIT_RULES.map(rule => {
      const preset = presetLimit(rule, profiles, who)
      const max = profiles.valueOf(rule.max, who.user, who.groups)
      return { type: rule.type, ...(preset !== undefined && { default: preset }), ...(max !== undefined && { max }) }
    }),
    ownLimits: true,
    policy: state
  }
}
