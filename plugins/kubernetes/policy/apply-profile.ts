// Completes a submission with what the profiles give its user, and refuses what they do not allow. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { decideLimits, limitsOf, type Decided, type LimitRule } from '../../../launcher/plugin-kit/decide-limits.ts'
import type { Refusals } from '../../../launcher/plugin-kit/refusals.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { JobSubmission, Subject } from '../../../launcher/plugin.ts'
import type { Policy } from './policy.ts'
import type { Placement, PROFILE_KEYS } from './profile-keys.ts'
import type { ResourceProfile } from './resource-profiles.ts'
import { selectResourceProfile } from './select-resource-profile.ts'

type NumberKey = {
  [Key in keyof typeof PROFILE_KEYS]: (typeof PROFILE_KEYS)[Key] extends { read: (text: string) => number | undefined }
    ? Key
    : never
}[keyof typeof PROFILE_KEYS]

/**
 * The limits that profiles know, each with the keys that concern it. The order counts: a request may be a part of a
 * limit that was completed before it.
 */
export const LIMIT_RULES: ReadonlyArray<LimitRule<NumberKey>> = [
  { type: 'cpuCount', defaultKey: 'default-cpus', max: 'max-cpus', maxIsDefault: true },
  { type: 'memory', defaultKey: 'default-mem-mb', max: 'max-mem-mb', maxIsDefault: true },
  {
    type: 'cpuRequest',
    defaultKey: 'default-cpus-request',
    max: 'max-cpus-request',
    part: { of: 'cpuCount', key: 'cpu-request-ratio' }
  },
  {
    type: 'memoryRequest',
    defaultKey: 'default-mem-mb-request',
    max: 'max-mem-mb-request',
    part: { of: 'memory', key: 'memory-request-ratio' }
  },
  { type: 'nvidiaGpus', defaultKey: 'default-nvidia-gpus', max: 'max-nvidia-gpus' },
  { type: 'amdGpus', defaultKey: 'default-amd-gpus', max: 'max-amd-gpus' }
]

/** What the profiles make of a submission. */
export interface Profiled {
  readonly submission: JobSubmission
  readonly resourceProfile?: ResourceProfile
  readonly limits: readonly Decided[]
}

/**
 * Refuses with InvalidJob, LimitExceeded or NotAllowedByProfile, with the file and line that set the rule; what is
 * refused stays as it is asked for.
 */
export function applyProfile (
  submission: JobSubmission,
  policy: Policy,
  subject: Subject,
  refusals: Refusals
): Profiled {
  const taken = refusals.during(() => selectResourceProfile(submission, policy, subject))
  const container = refusals.during(() => containerFor(submission, policy, subject)) ?? submission.container
  refusals.during(() => checkPlacement(submission, policy, subject))
  const limits = decideLimits(submission.resourceLimits ?? [], LIMIT_RULES, policy.profiles, subject, taken)
  for (const { refusal } of limits) refusals.add(refusal)
  const resourceLimits = limitsOf(limits)
  const placementConstraints = [...submission.placementConstraints ?? [], ...taken?.placementConstraints ?? []]
  return {
    submission: {
      ...submission,
      ...(taken !== undefined && { resourceProfile: taken.name }),
      ...(container !== undefined && { container }),
      ...(resourceLimits.length > 0 && { resourceLimits }),
      ...(placementConstraints.length > 0 && { placementConstraints })
    },
    ...(taken !== undefined && { resourceProfile: taken }),
    limits
  }
}

/** Images that the profiles let the user name; undefined: all. */
export function allowedImages (
  { profiles }: Pick<Policy, 'profiles'>,
  { user, groups }: Subject
): readonly string[] | undefined {
  const offered = profiles.valueOf('container-images', user, groups)?.value
  if (offered === undefined || profiles.valueOf('allow-unknown-images', user, groups)?.value === true) return undefined
  const preset = profiles.valueOf('default-container-image', user, groups)?.value
  return preset === undefined ? offered : [...offered, preset]
}

function containerFor (
  { container, runtime }: JobSubmission,
  policy: Policy,
  subject: Subject
): JobSubmission['container'] {
  const { profiles } = policy
  const { user, groups } = subject
  const preset = profiles.valueOf('default-container-image', user, groups)
  // Who asks for versions gets an image that has them.
  if (container === undefined) {
    return preset === undefined || runtime !== undefined ? undefined : { image: preset.value }
  }
  const offered = profiles.valueOf('container-images', user, groups)
  if (offered === undefined || allowedImages(policy, subject)?.includes(container.image) !== false) return container
  throw new LauncherError('NotAllowedByProfile',
    `The image ${container.image} is not one of those that ${placeOf(offered)} gives ${user}: ` +
    `${offered.value.join(', ')}.`,
    { field: 'container.image', key: 'container-images', file: offered.file, line: offered.line })
}

function checkPlacement (
  { placementConstraints = [] }: JobSubmission,
  { profiles }: Policy,
  { user, groups }: Subject
): void {
  const offered = profiles.valueOf('placement-constraints', user, groups)
  if (offered === undefined) return
  const index = placementConstraints.findIndex(
    asked =>
      !offered.value.some(({ name, value }) => name === asked.name && (value === undefined || value === asked.value))
  )
  if (index === -1) return
  throw new LauncherError('NotAllowedByProfile',
    `The placement constraint ${textOf(placementConstraints[index]!)} is not one of those that ${placeOf(offered)} ` +
    `gives ${user}: ${offered.value.map(textOf).join(', ')}.`,
    { field: `placementConstraints[${index}]`, key: 'placement-constraints', file: offered.file, line: offered.line })
}

function textOf ({ name, value }: { name: string, value?: string | undefined } | Placement): string {
  return value === undefined ? name : `${name}:${value}`
}
