// Says what a user may use of the cluster, each limit with the line that sets it. Pure.

import { decideLimits, limitOffers } from '../../../launcher/plugin-kit/decide-limits.ts'
import type { InForce } from '../../../launcher/plugin-kit/policy-reloader.ts'
import type { Offer, Who } from '../../../launcher/plugin.ts'
import { allowedImages } from './apply-profile.ts'
import { LIMIT_RULES } from './limit-rules.ts'
import type { Policy } from './policy.ts'
import { customResources, offeredProfiles } from './select-resource-profile.ts'

export function offerOf ({ policy, ...state }: InForce<Policy>, who: Who): Offer {
  return {
    limits: limitsOf(policy, who),
    images: imagesOf(policy, who),
    otherImages: allowedImages(policy, who) === undefined,
    resourceProfiles: offeredProfiles(policy, who).map(({ name, title, limits, placementConstraints }) => ({
      name,
      title,
      limits: limits.map(({ type, value }) => ({ type, value })),
      placementConstraints
    })),
    ownLimits: customResources(policy, who).allowed,
    serviceAccounts: policy.profiles.valueOf('service-accounts', who.user, who.groups)?.value ?? [],
    policy: state
  }
}

/** Where a job may name no limits of its own, the default is what the first resource profile gives. */
function limitsOf (policy: Policy, who: Who): Offer['limits'] {
  const taken = customResources(policy, who).allowed ? undefined : offeredProfiles(policy, who)[0]
  const types = LIMIT_RULES.map(({ type }) => type)
  const offers = limitOffers(decideLimits([], LIMIT_RULES, policy.profiles, who, taken))
  return types.flatMap(type => offers.find(offer => offer.type === type) ?? [])
}

/** Those that are defined, then those that only the profile names. */
function imagesOf ({ images, profiles }: Policy, who: Who, allowed = allowedImages({ profiles }, who)): NonNullable<Offer['images']> {
  const defined = images.filter(({ name, matching }) => matching !== 'none' && (allowed === undefined || allowed.includes(name)))
  const named = [profiles.valueOf('container-images', who.user, who.groups)?.value ?? [], profiles.valueOf('default-container-image', who.user, who.groups)?.value ?? []].flat()
  const known = new Set(images.map(({ name }) => name))
  return [
    ...defined.map(({ name, title, installations }) => ({
      name,
      ...(title !== undefined && { title }),
      versions: Object.fromEntries(Object.entries(installations).filter(([, all]) => all.length > 0).map(([language, all]) => [language, all.map(({ version }) => version)]))
    })),
    ...[...new Set(named)].filter(name => !known.has(name)).map(name => ({ name, versions: {} }))
  ]
}
