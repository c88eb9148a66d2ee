// Completes the limits of a submission, and checks them against the profiles and what this machine enforces. Pure.

import { LauncherError } from '../../launcher/errors.ts'
import {
  decideLimits,
  limitsOf,
  UNITS,
  type Decided,
  type LimitRule,
  type Limits,
  type LimitType
} from '../../launcher/plugin-kit/decide-limits.ts'
import { OUTPUT_RULE } from '../../launcher/plugin-kit/output-limit.ts'
import { TIMEOUT_RULE, timeoutRequest } from '../../launcher/plugin-kit/timeout.ts'
import type { Refusals } from '../../launcher/plugin-kit/refusals.ts'
import type { JobSubmission, Subject } from '../../launcher/plugin.ts'
import type { LocalProfiles, ProfileKey } from './profile-keys.ts'

/** Types of limits that the Local plugin can enforce, if not on every machine. */
export const LIMIT_TYPES =
  ['cpuCount', 'cpuTime', 'memory', 'memorySwap', 'output'] as const satisfies readonly LimitType[]

/** The limits that profiles can set. */
export const LIMIT_RULES: ReadonlyArray<LimitRule<ProfileKey>> = [
  { type: 'cpuCount', defaultKey: 'default-cpus', max: 'max-cpus', maxIsDefault: true },
  { type: 'memory', defaultKey: 'default-mem-mb', max: 'max-mem-mb', maxIsDefault: true },
  OUTPUT_RULE,
  TIMEOUT_RULE
]

/** The profiles apply to this user and these groups. */
export interface LimitRules extends Subject {
  readonly profiles: LocalProfiles
  readonly can: (type: string) => boolean
  readonly allowUnenforced: boolean
}

/** Refuses with LimitExceeded, LimitNotEnforceable, NotSupportedByCluster or InvalidJob. */
export function decideLocalLimits (
  submission: JobSubmission,
  { profiles, can, allowUnenforced, ...subject }: LimitRules,
  refusals: Refusals
): Decided[] {
  const asked = submission.resourceLimits ?? []
  asked.forEach(({ type }, index) => {
    if (isKnown(type)) return
    refusals.add(
      refusal(
        'NotSupportedByCluster',
        index,
        `Local jobs do not support the limit ${type}; they support ${LIMIT_TYPES.join(', ')}.`,
        { type }
      )
    )
  })
  const decided = decideLimits([...asked, ...timeoutRequest(submission)], LIMIT_RULES, profiles, subject)
  for (const { refusal } of decided) refusals.add(refusal)
  const limits = limitsOf(decided)
  refusals.add(swapRefusal(limits))
  const [first] = unenforced(limits.filter(({ type }) => isKnown(type)), can)
  if (first !== undefined && !allowUnenforced) {
    const where = limits.indexOf(first)
    const source = where < asked.length ? 'which the job requests' : 'which the profile sets'
    refusals.add(
      refusal(
        'LimitNotEnforceable',
        where,
        `The limit ${limitText(first)}, ${source}, cannot be enforced: no control group can be created on this ` +
        'machine.',
        { type: first.type }
      )
    )
  }
  return decided
}

/** The limits that this machine does not enforce. */
function unenforced (limits: Limits, can: (type: string) => boolean): Limits {
  return limits.filter(({ type }) => !can(type))
}

/** For the job's user. Undefined if all limits are enforced. */
export function unenforcedMessage (limits: Limits, can: (type: string) => boolean): string | undefined {
  const ignored = unenforced(limits, can)
  return ignored.length === 0 ? undefined : `Not enforced on this machine: ${ignored.map(limitText).join(', ')}.`
}

function isKnown (type: string): boolean {
  return (LIMIT_TYPES as readonly string[]).includes(type)
}

function swapRefusal (limits: Limits): LauncherError | undefined {
  const memory = limits.find(({ type }) => type === 'memory')
  const index = limits.findIndex(({ type }) => type === 'memorySwap')
  if (memory === undefined || index === -1 || limits[index]!.value >= memory.value) return undefined
  return refusal(
    'InvalidJob',
    index,
    `memorySwap counts memory and swap together, so it cannot be less than memory (${memory.value} MB).`
  )
}

function limitText ({ type, value }: Limits[number]): string {
  return `${type} ${value} ${UNITS[type]}`
}

function refusal (
  code: 'NotSupportedByCluster' | 'LimitExceeded' | 'LimitNotEnforceable' | 'InvalidJob',
  index: number,
  message: string,
  details: object = {}
): LauncherError {
  return new LauncherError(code, message, { field: `resourceLimits[${index}]`, ...details })
}
