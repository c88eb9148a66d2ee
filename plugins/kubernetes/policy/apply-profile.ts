// Completes a submission with the defaults of its user's profiles, and refuses what they do not allow. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { decideLimits, limitsOf, type Decided, type LimitRule } from '../../../launcher/plugin-kit/decide-limits.ts'
import { OUTPUT_RULE } from '../../../launcher/plugin-kit/output-limit.ts'
import { decidedTimeout, timeoutRequest, TIMEOUT_RULE } from '../../../launcher/plugin-kit/timeout.ts'
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
 * The limits that profiles can set, with the keys for each. The order matters: a request can be a fraction of a limit,
 * which must be completed before it.
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
  { type: 'amdGpus', defaultKey: 'default-amd-gpus', max: 'max-amd-gpus' },
  OUTPUT_RULE,
  TIMEOUT_RULE
]

/** A submission with the values of its user's profiles. */
export interface AppliedProfile {
  readonly submission: JobSubmission
  readonly resourceProfile?: ResourceProfile
  readonly limits: readonly Decided[]
}

/**
 * Adds refusals with InvalidJob, LimitExceeded or NotAllowedByProfile, with the file and line that set the rule. The
 * returned submission keeps refused values as requested.
 */
export function applyProfile (
  submission: JobSubmission,
  policy: Policy,
  subject: Subject,
  refusals: Refusals
): AppliedProfile {
  const resourceProfile = refusals.during(() => selectResourceProfile(submission, policy, subject))
  const container = refusals.during(() => containerFor(submission, policy, subject)) ?? submission.container
  refusals.during(() => checkPlacement(submission, policy, subject))
  const requested = [...submission.resourceLimits ?? [], ...timeoutRequest(submission)]
  const limits = decideLimits(requested, LIMIT_RULES, policy.profiles, subject, resourceProfile)
  for (const { refusal } of limits) refusals.add(refusal)
  const resourceLimits = limitsOf(limits)
  const placementConstraints = [
    ...submission.placementConstraints ?? [],
    ...resourceProfile?.placementConstraints ?? []
  ]
  return {
    submission: {
      ...submission,
      ...(resourceProfile !== undefined && { resourceProfile: resourceProfile.name }),
      ...(container !== undefined && { container }),
      ...(resourceLimits.length > 0 && { resourceLimits }),
      ...decidedTimeout(limits),
      ...(placementConstraints.length > 0 && { placementConstraints })
    },
    ...(resourceProfile !== undefined && { resourceProfile }),
    limits
  }
}

/** Images that the profiles allow the user; undefined if they allow all. */
export function allowedImages (
  { profiles }: Pick<Policy, 'profiles'>,
  { user, groups }: Subject
): readonly string[] | undefined {
  const allowed = profiles.valueOf('container-images', user, groups)?.value
  if (allowed === undefined || profiles.valueOf('allow-unknown-images', user, groups)?.value === true) return undefined
  const defaultImage = profiles.valueOf('default-container-image', user, groups)?.value
  return defaultImage === undefined ? allowed : [...allowed, defaultImage]
}

function containerFor (
  { container, runtime }: JobSubmission,
  policy: Policy,
  subject: Subject
): JobSubmission['container'] {
  const { profiles } = policy
  const { user, groups } = subject
  const defaultImage = profiles.valueOf('default-container-image', user, groups)
  // A job that requests versions gets an image that has them, not the default.
  if (container === undefined) {
    return defaultImage === undefined || runtime !== undefined ? undefined : { image: defaultImage.value }
  }
  const allowed = profiles.valueOf('container-images', user, groups)
  if (allowed === undefined || allowedImages(policy, subject)?.includes(container.image) !== false) return container
  throw new LauncherError('NotAllowedByProfile',
    `The image ${container.image} is not allowed for ${user}; ${placeOf(allowed)} allows: ${allowed.value.join(', ')}.`,
    { field: 'container.image', key: 'container-images', file: allowed.file, line: allowed.line })
}

function checkPlacement (
  { placementConstraints = [] }: JobSubmission,
  { profiles }: Policy,
  { user, groups }: Subject
): void {
  const allowed = profiles.valueOf('placement-constraints', user, groups)
  if (allowed === undefined) return
  const index = placementConstraints.findIndex(
    requested => !allowed.value.some(
      ({ name, value }) => name === requested.name && (value === undefined || value === requested.value)
    )
  )
  if (index === -1) return
  throw new LauncherError('NotAllowedByProfile',
    `The placement constraint ${constraintText(placementConstraints[index]!)} is not allowed for ${user}; ` +
    `${placeOf(allowed)} allows: ${allowed.value.map(constraintText).join(', ')}.`,
    { field: `placementConstraints[${index}]`, key: 'placement-constraints', file: allowed.file, line: allowed.line })
}

function constraintText ({ name, value }: { name: string, value?: string | undefined } | Placement): string {
  return value === undefined ? name : `${name}:${value}`
}
