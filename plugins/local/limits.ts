// Completes and checks the limits of a submission against the profiles and against what this machine can keep. Pure.

import { LauncherError } from '../../launcher/errors.ts'
import type { ProfileValue } from '../../launcher/lib/profiles.ts'
import type { JobSubmission, Who } from '../../launcher/plugin.ts'
import type { LocalProfiles, ProfileKey } from './profile-keys.ts'

type Limits = NonNullable<JobSubmission['resourceLimits']>
type LimitType = Limits[number]['type']

/** Types of limits that the Local plugin knows how to keep, if not on every machine. */
export const LIMIT_TYPES = ['cpuCount', 'cpuTime', 'memory', 'memorySwap'] as const satisfies readonly LimitType[]

interface LimitRule {
  readonly type: LimitType
  readonly preset: ProfileKey
  readonly max: ProfileKey
}

/** The limits that profiles know. */
export const LIMIT_RULES: readonly LimitRule[] = [
  { type: 'cpuCount', preset: 'default-cpus', max: 'max-cpus' },
  { type: 'memory', preset: 'default-mem-mb', max: 'max-mem-mb' }
]

const UNITS: Record<typeof LIMIT_TYPES[number], string> = { cpuCount: 'CPUs', cpuTime: 's', memory: 'MB', memorySwap: 'MB' }

/** The profiles are those of the user and his groups. */
export interface LimitRules extends Who {
  readonly profiles: LocalProfiles
  readonly can: (type: string) => boolean
  readonly allowUnenforced: boolean
}

/** The limits with the profile's defaults. Throws LimitExceeded, LimitNotEnforceable, NotSupportedByCluster or InvalidJob. */
export function admitLimits (asked: Limits, rules: LimitRules): Limits {
  asked.forEach(({ type }, index) => {
    if (!(LIMIT_TYPES as readonly string[]).includes(type)) {
      throw refusal('NotSupportedByCluster', index, `The limit ${type} is not known to local jobs; they have ${LIMIT_TYPES.join(', ')}.`, { type })
    }
  })
  for (const rule of LIMIT_RULES) checkMaximum(asked, rule, rules)
  const limits = [...asked, ...LIMIT_RULES.flatMap(rule => defaultLimit(asked, rule, rules))]
  checkSwap(limits)
  const unkept = unenforced(limits, rules.can)[0]
  if (unkept !== undefined && !rules.allowUnenforced) {
    const where = limits.indexOf(unkept)
    const source = where < asked.length ? 'which the job asks for' : 'which the profile sets'
    throw refusal('LimitNotEnforceable', where, `The limit ${limitText(unkept)}, ${source}, cannot be kept: no control group can be made on this machine.`, { type: unkept.type })
  }
  return limits
}

/** Limits that nothing keeps. */
export function unenforced (limits: Limits, can: (type: string) => boolean): Limits {
  return limits.filter(({ type }) => !can(type))
}

/** For the user of a job whose limits are not all kept; undefined when they are. */
export function unenforcedMessage (limits: Limits, can: (type: string) => boolean): string | undefined {
  const unkept = unenforced(limits, can)
  return unkept.length === 0 ? undefined : `Not kept on this machine: ${unkept.map(limitText).join(', ')}.`
}

function checkMaximum (asked: Limits, { type, max: key }: LimitRule, { profiles, user, groups }: LimitRules): void {
  const index = asked.findIndex(limit => limit.type === type)
  const maximum = profiles.valueOf(key, user, groups)
  if (index === -1 || maximum === undefined || asked[index]!.value <= maximum.value) return
  const { value, file, line } = maximum
  throw refusal('LimitExceeded', index, `The job asks for ${limitText(asked[index]!)}; ${file} line ${line} allows ${user} ${key}=${value}.`,
    { type, asked: asked[index]!.value, maximum: value, key, file, line })
}

function defaultLimit (asked: Limits, rule: LimitRule, { profiles, ...who }: LimitRules): Limits {
  const preset = asked.some(({ type }) => type === rule.type) ? undefined : presetLimit(rule, profiles, who)
  return preset === undefined ? [] : [{ type: rule.type, value: preset.value }]
}

/** What a job gets that does not ask, and the line that says so: the maximum too, or it would bind only who asks. */
export function presetLimit ({ preset, max }: LimitRule, profiles: LocalProfiles, { user, groups }: Who): ProfileValue<number> | undefined {
  const given = profiles.valueOf(preset, user, groups)
  const maximum = profiles.valueOf(max, user, groups)
  return given === undefined || (maximum !== undefined && maximum.value < given.value) ? maximum : given
}

function checkSwap (limits: Limits): void {
  const memory = limits.find(({ type }) => type === 'memory')
  const index = limits.findIndex(({ type }) => type === 'memorySwap')
  if (memory === undefined || index === -1 || limits[index]!.value >= memory.value) return
  throw refusal('InvalidJob', index, `memorySwap counts memory and swap together, so it cannot be less than memory (${memory.value} MB).`)
}

function limitText ({ type, value }: Limits[number]): string {
  const unit = UNITS[type as keyof typeof UNITS]
  return `${type} ${value} ${unit}`
}

function refusal (code: 'NotSupportedByCluster' | 'LimitExceeded' | 'LimitNotEnforceable' | 'InvalidJob', index: number, message: string, details: object = {}): LauncherError {
  return new LauncherError(code, message, { field: `resourceLimits[${index}]`, ...details })
}
