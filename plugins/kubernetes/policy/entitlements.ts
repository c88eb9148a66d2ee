// Returns what a user may use of the cluster, each limit with the line that sets it. Pure.

import { decideLimits, limitEntitlements } from '../../../launcher/plugin-kit/decide-limits.ts'
import type { LoadedPolicy } from '../../../launcher/plugin-kit/policy-reloader.ts'
import type { Entitlements, Subject } from '../../../launcher/plugin.ts'
import { allowedImages, LIMIT_RULES } from './apply-profile.ts'
import { allowedBases, boundOf, type BoundKey } from './bounds.ts'
import type { Policy } from './policy.ts'
import { customResourcesRule, availableProfiles } from './select-resource-profile.ts'

export function entitlementsOf ({ policy, ...state }: LoadedPolicy<Policy>, subject: Subject): Entitlements {
  return {
    limits: limitsFor(policy, subject),
    images: imagesFor(policy, subject),
    otherImages: allowedImages(policy, subject) === undefined,
    resourceProfiles: availableProfiles(policy, subject).map(({ name, title, limits, placementConstraints }) => ({
      name,
      title,
      limits: limits.map(({ type, value }) => ({ type, value })),
      placementConstraints
    })),
    ownLimits: customResourcesRule(policy, subject).allowed,
    serviceAccounts: policy.profiles.valueOf('service-accounts', subject.user, subject.groups)?.value ?? [],
    reach: reachOf(policy, subject),
    policy: state
  }
}

function reachOf (policy: Policy, subject: Subject): NonNullable<Entitlements['reach']> {
  const ruled = <Key extends BoundKey>(key: Key) => boundOf(key, policy, subject).value
  const { Job, Service } = allowedBases(policy, subject)
  const userIds = ruled('run-as-user-ids')
  const groupIds = ruled('run-as-group-ids')
  return {
    mountTypes: ruled('mount-types')!,
    dataMounts: ruled('allow-data-mounts')!,
    host: ruled('allow-host')!,
    baseTags: [...new Set([...Job, ...Service].flatMap(({ tag }) => tag ?? []))],
    publishedPorts: ruled('published-ports')!,
    ...(userIds !== undefined && { userIds }),
    ...(groupIds !== undefined && { groupIds })
  }
}

/** If a job must not specify its own limits, the defaults are those of the first resource profile. */
function limitsFor (policy: Policy, subject: Subject): Entitlements['limits'] {
  const customAllowed = customResourcesRule(policy, subject).allowed
  const defaultProfile = customAllowed ? undefined : availableProfiles(policy, subject)[0]
  const types = LIMIT_RULES.map(({ type }) => type)
  const limits = limitEntitlements(decideLimits([], LIMIT_RULES, policy.profiles, subject, defaultProfile))
  return types.flatMap(type => limits.find(limit => limit.type === type) ?? [])
}

/** The images that are defined, then those that only the profile names. */
function imagesFor (
  { images, profiles }: Policy,
  subject: Subject,
  allowed = allowedImages({ profiles }, subject)
): NonNullable<Entitlements['images']> {
  const defined = images.filter(
    ({ name, matching }) => matching !== 'none' && (allowed === undefined || allowed.includes(name))
  )
  const named = [
    profiles.valueOf('container-images', subject.user, subject.groups)?.value ?? [],
    profiles.valueOf('default-container-image', subject.user, subject.groups)?.value ?? []
  ].flat()
  const known = new Set(images.map(({ name }) => name))
  return [
    ...defined.map(({ name, title, installations }) => ({
      name,
      ...(title !== undefined && { title }),
      versions: Object.fromEntries(
        Object.entries(installations)
          .filter(([, all]) => all.length > 0)
          .map(([language, all]) => [language, all.map(({ version }) => version)])
      )
    })),
    ...[...new Set(named)].filter(name => !known.has(name)).map(name => ({ name, versions: {} }))
  ]
}
