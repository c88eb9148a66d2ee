// Completes a submission with what the profiles give its user, and refuses what they do not allow. Pure.

import { LauncherError } from '../../launcher/errors.ts'
import type { ProfileValue } from '../../launcher/lib/profiles.ts'
import { placeOf } from '../../launcher/lib/problem.ts'
import type { JobSubmission, Who } from '../../launcher/plugin.ts'
import type { Policy } from './policy.ts'
import type { Placement, PROFILE_KEYS } from './profile-keys.ts'
import type { ResourceProfile } from './resource-profiles.ts'
import { takeResourceProfile } from './take-resource-profile.ts'

type Limits = NonNullable<JobSubmission['resourceLimits']>
type LimitType = Limits[number]['type']
type NumberKey = { [Key in keyof typeof PROFILE_KEYS]: (typeof PROFILE_KEYS)[Key] extends { read: (text: string) => number | undefined } ? Key : never }[keyof typeof PROFILE_KEYS]

export interface LimitRule {
  readonly type: LimitType
  readonly unit: string
  readonly preset: NumberKey
  readonly max: NumberKey
  /** A maximum is also what those get who ask for nothing, or it would bind only who asks. */
  readonly maxIsPreset?: true
  /** Where there is no other value, it is this part of that limit. */
  readonly part?: { readonly of: LimitType, readonly key: NumberKey }
}

/** In this order: a request may be a part of a limit that was just completed. */
export const LIMIT_RULES: readonly LimitRule[] = [
  { type: 'cpuCount', unit: 'CPUs', preset: 'default-cpus', max: 'max-cpus', maxIsPreset: true },
  { type: 'memory', unit: 'MB', preset: 'default-mem-mb', max: 'max-mem-mb', maxIsPreset: true },
  { type: 'cpuRequest', unit: 'CPUs', preset: 'default-cpus-request', max: 'max-cpus-request', part: { of: 'cpuCount', key: 'cpu-request-ratio' } },
  { type: 'memoryRequest', unit: 'MB', preset: 'default-mem-mb-request', max: 'max-mem-mb-request', part: { of: 'memory', key: 'memory-request-ratio' } },
  { type: 'nvidiaGpus', unit: 'NVIDIA GPUs', preset: 'default-nvidia-gpus', max: 'max-nvidia-gpus' },
  { type: 'amdGpus', unit: 'AMD GPUs', preset: 'default-amd-gpus', max: 'max-amd-gpus' }
]

/** Throws InvalidJob, LimitExceeded or NotAllowedByProfile, with the file and line that set the rule. */
export function applyProfile (submission: JobSubmission, policy: Policy, who: Who): JobSubmission {
  const taken = takeResourceProfile(submission, policy, who)
  const container = containerFor(submission, policy, who)
  checkPlacement(submission, policy, who)
  const asked = taken?.limits.map(({ type, value }) => ({ type, value })) ?? submission.resourceLimits ?? []
  const resourceLimits = LIMIT_RULES.reduce((limits, rule) => limited(limits, rule, policy, who, taken), asked)
  const placementConstraints = [...submission.placementConstraints ?? [], ...taken?.placementConstraints ?? []]
  return {
    ...submission,
    ...(taken !== undefined && { resourceProfile: taken.name }),
    ...(container !== undefined && { container }),
    ...(resourceLimits.length > 0 && { resourceLimits }),
    ...(placementConstraints.length > 0 && { placementConstraints })
  }
}

function limited (limits: Limits, rule: LimitRule, policy: Policy, who: Who, taken: ResourceProfile | undefined): Limits {
  const { type, max, part } = rule
  const index = limits.findIndex(limit => limit.type === type)
  if (index !== -1) {
    const asked = limits[index]!.value
    const maximum = policy.profiles.valueOf(max, who.user, who.groups)
    if (maximum === undefined || asked <= maximum.value) return limits
    throw tooMuch(rule, index, asked, maximum, who.user, taken)
  }
  const preset = presetLimit(rule, policy, who, limits.find(limit => limit.type === part?.of)?.value)
  return preset === undefined ? limits : [...limits, { type, value: preset.value }]
}

/** What a job gets that does not ask, and the line that says so. `whole` is the limit that this one may be a part of. */
export function presetLimit ({ preset, max, maxIsPreset, part }: LimitRule, { profiles }: Policy, { user, groups }: Who, whole: number | undefined): ProfileValue<number> | undefined {
  const value = (key: NumberKey): ProfileValue<number> | undefined => profiles.valueOf(key, user, groups)
  const share = part === undefined || whole === undefined ? undefined : value(part.key)
  const maximum = value(max)
  const given = value(preset) ?? (share && { ...share, value: whole! * share.value }) ?? (maxIsPreset === true ? maximum : undefined)
  if (given === undefined) return undefined
  // What nobody asked for is made to fit; a request is never more than its limit.
  const fitting = maximum !== undefined && maximum.value < given.value ? maximum : given
  return fitting.value === 0 ? undefined : { ...fitting, value: Math.min(fitting.value, whole ?? Infinity) }
}

function tooMuch ({ type, unit, max }: LimitRule, index: number, asked: number, maximum: ProfileValue<number>, user: string, taken: ResourceProfile | undefined): LauncherError {
  const from = taken && { file: taken.file, line: taken.limits.find(limit => limit.type === type)!.line }
  return new LauncherError('LimitExceeded',
    `${taken === undefined ? 'The job asks for' : `The resource profile ${taken.name} (${placeOf(from!)}) gives`} ${type} ${asked} ${unit}; ${placeOf(maximum)} allows ${user} ${max}=${maximum.value}.`,
    { field: taken === undefined ? `resourceLimits[${index}]` : 'resourceProfile', type, asked, maximum: maximum.value, key: max, file: maximum.file, line: maximum.line, ...(from && { resourceProfile: from }) })
}

/** Images that the profiles let the user name; undefined: all. */
export function allowedImages ({ profiles }: Pick<Policy, 'profiles'>, { user, groups }: Who): readonly string[] | undefined {
  const offered = profiles.valueOf('container-images', user, groups)?.value
  if (offered === undefined || profiles.valueOf('allow-unknown-images', user, groups)?.value === true) return undefined
  const preset = profiles.valueOf('default-container-image', user, groups)?.value
  return preset === undefined ? offered : [...offered, preset]
}

function containerFor ({ container, runtime }: JobSubmission, policy: Policy, who: Who): JobSubmission['container'] {
  const { profiles } = policy
  const { user, groups } = who
  const preset = profiles.valueOf('default-container-image', user, groups)
  // Who asks for versions gets an image that has them.
  if (container === undefined) return preset === undefined || runtime !== undefined ? undefined : { image: preset.value }
  const offered = profiles.valueOf('container-images', user, groups)
  if (offered === undefined || allowedImages(policy, who)?.includes(container.image) !== false) return container
  throw new LauncherError('NotAllowedByProfile',
    `The image ${container.image} is not one of those that ${placeOf(offered)} gives ${user}: ${offered.value.join(', ')}.`,
    { field: 'container.image', key: 'container-images', file: offered.file, line: offered.line })
}

function checkPlacement ({ placementConstraints = [] }: JobSubmission, { profiles }: Policy, { user, groups }: Who): void {
  const offered = profiles.valueOf('placement-constraints', user, groups)
  if (offered === undefined) return
  const index = placementConstraints.findIndex(asked => !offered.value.some(({ name, value }) => name === asked.name && (value === undefined || value === asked.value)))
  if (index === -1) return
  throw new LauncherError('NotAllowedByProfile',
    `The placement constraint ${textOf(placementConstraints[index]!)} is not one of those that ${placeOf(offered)} gives ${user}: ${offered.value.map(textOf).join(', ')}.`,
    { field: `placementConstraints[${index}]`, key: 'placement-constraints', file: offered.file, line: offered.line })
}

function textOf ({ name, value }: { name: string, value?: string | undefined } | Placement): string {
  return value === undefined ? name : `${name}:${value}`
}
