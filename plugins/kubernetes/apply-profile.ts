// Completes a submission with what the profiles give its user, and refuses what they do not allow. Pure.

import { LauncherError } from '../../launcher/errors.ts'
import type { ProfileValue } from '../../launcher/lib/profiles.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import type { KubernetesProfiles, Placement, PROFILE_KEYS } from './profile-keys.ts'

type Limits = NonNullable<JobSubmission['resourceLimits']>
type LimitType = Limits[number]['type']
type NumberKey = { [Key in keyof typeof PROFILE_KEYS]: (typeof PROFILE_KEYS)[Key] extends { read: (text: string) => number | undefined } ? Key : never }[keyof typeof PROFILE_KEYS]

export interface ProfileRules {
  readonly profiles: KubernetesProfiles
  /** The user and the groups whose profiles apply. */
  readonly user: string
  readonly groups: readonly string[]
}

interface LimitRule {
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
const RULES: readonly LimitRule[] = [
  { type: 'cpuCount', unit: 'CPUs', preset: 'default-cpus', max: 'max-cpus', maxIsPreset: true },
  { type: 'memory', unit: 'MB', preset: 'default-mem-mb', max: 'max-mem-mb', maxIsPreset: true },
  { type: 'cpuRequest', unit: 'CPUs', preset: 'default-cpus-request', max: 'max-cpus-request', part: { of: 'cpuCount', key: 'cpu-request-ratio' } },
  { type: 'memoryRequest', unit: 'MB', preset: 'default-mem-mb-request', max: 'max-mem-mb-request', part: { of: 'memory', key: 'memory-request-ratio' } },
  { type: 'nvidiaGpus', unit: 'NVIDIA GPUs', preset: 'default-nvidia-gpus', max: 'max-nvidia-gpus' },
  { type: 'amdGpus', unit: 'AMD GPUs', preset: 'default-amd-gpus', max: 'max-amd-gpus' }
]

/** Throws LimitExceeded or NotAllowedByProfile, with the file and line that set the rule. */
export function applyProfile (submission: JobSubmission, rules: ProfileRules): JobSubmission {
  const container = containerFor(submission, rules)
  const resourceLimits = RULES.reduce((limits, rule) => limited(limits, rule, rules), submission.resourceLimits ?? [])
  checkPlacement(submission, rules)
  return {
    ...submission,
    ...(container !== undefined && { container }),
    ...(resourceLimits.length > 0 && { resourceLimits })
  }
}

function limited (limits: Limits, { type, unit, preset, max, maxIsPreset, part }: LimitRule, { profiles, user, groups }: ProfileRules): Limits {
  const value = (key: NumberKey): ProfileValue<number> | undefined => profiles.valueOf(key, user, groups)
  const maximum = value(max)
  const index = limits.findIndex(limit => limit.type === type)
  if (index !== -1) {
    const asked = limits[index]!.value
    if (maximum === undefined || asked <= maximum.value) return limits
    throw new LauncherError('LimitExceeded',
      `The job asks for ${type} ${asked} ${unit}; ${sourceOf(maximum)} allows ${user} ${max}=${maximum.value}.`,
      { field: `resourceLimits[${index}]`, type, asked, maximum: maximum.value, key: max, file: maximum.file, line: maximum.line })
  }
  const whole = limits.find(limit => limit.type === part?.of)?.value
  const share = part === undefined || whole === undefined ? undefined : value(part.key)
  const given = value(preset)?.value ?? (share === undefined ? undefined : whole! * share.value) ?? (maxIsPreset === true ? maximum?.value : undefined)
  if (given === undefined || given === 0) return limits
  // What nobody asked for is made to fit; a request is never more than its limit.
  return [...limits, { type, value: Math.min(given, maximum?.value ?? Infinity, whole ?? Infinity) }]
}

/** Images that the profiles let the user name; undefined: all. */
export function allowedImages ({ profiles, user, groups }: ProfileRules): readonly string[] | undefined {
  const offered = profiles.valueOf('container-images', user, groups)?.value
  if (offered === undefined || profiles.valueOf('allow-unknown-images', user, groups)?.value === true) return undefined
  const preset = profiles.valueOf('default-container-image', user, groups)?.value
  return preset === undefined ? offered : [...offered, preset]
}

function containerFor ({ container, runtime }: JobSubmission, rules: ProfileRules): JobSubmission['container'] {
  const { profiles, user, groups } = rules
  const preset = profiles.valueOf('default-container-image', user, groups)
  // Who asks for versions gets an image that has them.
  if (container === undefined) return preset === undefined || runtime !== undefined ? undefined : { image: preset.value }
  const offered = profiles.valueOf('container-images', user, groups)
  if (offered === undefined || allowedImages(rules)?.includes(container.image) !== false) return container
  throw new LauncherError('NotAllowedByProfile',
    `The image ${container.image} is not one of those that ${sourceOf(offered)} gives ${user}: ${offered.value.join(', ')}.`,
    { field: 'container.image', key: 'container-images', file: offered.file, line: offered.line })
}

function checkPlacement ({ placementConstraints = [] }: JobSubmission, { profiles, user, groups }: ProfileRules): void {
  const offered = profiles.valueOf('placement-constraints', user, groups)
  if (offered === undefined) return
  const index = placementConstraints.findIndex(asked => !offered.value.some(({ name, value }) => name === asked.name && (value === undefined || value === asked.value)))
  if (index === -1) return
  throw new LauncherError('NotAllowedByProfile',
    `The placement constraint ${textOf(placementConstraints[index]!)} is not one of those that ${sourceOf(offered)} gives ${user}: ${offered.value.map(textOf).join(', ')}.`,
    { field: `placementConstraints[${index}]`, key: 'placement-constraints', file: offered.file, line: offered.line })
}

function textOf ({ name, value }: { name: string, value?: string | undefined } | Placement): string {
  return value === undefined ? name : `${name}:${value}`
}

function sourceOf ({ file, line }: ProfileValue<unknown>): string {
  return `${file} line ${line}`
}
