// Decides the limits of a job: what it asks for, completed with what its user's profiles give and held against what
// they allow; each with the line that says so. Pure.

import { LauncherError } from '../errors.ts'
import type { DecidedLimit, JobSubmission, Entitlements, RuledBy, Subject } from '../plugin.ts'
import { placeOf } from '../lib/problem.ts'
import type { ProfileValue } from './profiles.ts'

export type Limits = NonNullable<JobSubmission['resourceLimits']>
export type LimitType = Limits[number]['type']

export const UNITS: Readonly<Record<LimitType, string>> = {
  cpuCount: 'CPUs',
  cpuRequest: 'CPUs',
  cpuTime: 's',
  memory: 'MB',
  memoryRequest: 'MB',
  memorySwap: 'MB',
  nvidiaGpus: 'NVIDIA GPUs',
  amdGpus: 'AMD GPUs'
}

/** What profiles say of a limit, by the keys that say it. */
export interface LimitRule<Key extends string> {
  readonly type: LimitType
  readonly defaultKey: Key
  readonly max: Key
  /** A maximum is also what those get who ask for nothing, or it would bind only who asks. */
  readonly maxIsDefault?: true
  /** Where there is no other value, it is this part of that limit. */
  readonly part?: { readonly of: LimitType, readonly key: Key }
}

/** What gives a user's value of a key. */
export interface NumberProfiles<Key extends string> {
  valueOf (key: Key, user: string, groups: readonly string[]): ProfileValue<number> | undefined
}

/** Limits that the job takes under a name, instead of naming its own. */
export interface NamedLimits {
  readonly name: string
  readonly file: string
  readonly limits: ReadonlyArray<{ readonly type: LimitType, readonly value: number, readonly line: number }>
}

/** What is decided, and why the profiles refuse it. */
export interface Decided extends DecidedLimit {
  readonly type: LimitType
  readonly refusal?: LauncherError
}

/**
 * First the limits that are asked for, in their order, then what the profiles say of others, in the order of the rules:
 * a request may be a part of a limit that was completed before it.
 */
export function decideLimits<Key extends string> (
  asked: Limits,
  rules: ReadonlyArray<LimitRule<Key>>,
  profiles: NumberProfiles<NoInfer<Key>>,
  subject: Subject,
  taken?: NamedLimits
): Decided[] {
  const ruled = (key: Key): RuledBy<number> | undefined => {
    const found = profiles.valueOf(key, subject.user, subject.groups)
    return found && { key, value: found.value, file: found.file, line: found.line }
  }
  const wanted: ReadonlyArray<Limits[number] & { line?: number }> = taken?.limits ?? asked
  const decided = wanted.map(({ type, value, line }, index): Decided => {
    const rule = rules.find(rule => rule.type === type)
    const max = rule && ruled(rule.max)
    const setBy = taken && { key: taken.name, file: taken.file, line: line! }
    const refusal =
      max !== undefined && value > max.value ? tooMuch({ type, value }, index, max, subject.user, setBy) : undefined
    return {
      type,
      ...(taken === undefined && { asked: value }),
      value,
      ...(setBy && { setBy }),
      ...(max && { max }),
      ...(refusal && { refusal })
    }
  })
  for (const rule of rules) {
    if (decided.some(({ type }) => type === rule.type)) continue
    const max = ruled(rule.max)
    const defaultKey = defaultOf(rule, ruled, max, decided.find(({ type }) => type === rule.part?.of)?.value)
    decided.push({
      type: rule.type,
      ...(defaultKey && {
        value: defaultKey.value,
        setBy: { key: defaultKey.key, file: defaultKey.file, line: defaultKey.line }
      }),
      ...(max && { max })
    })
  }
  return decided
}

/** Those that are set. */
export function limitsOf (decided: readonly Decided[]): Limits {
  return decided.flatMap(({ type, value }) => value === undefined ? [] : [{ type, value }])
}

/** The same for somebody who has not asked yet. */
export function limitEntitlements (decided: readonly Decided[]): Entitlements['limits'] {
  return decided.map(({ type, value, setBy, max }) => ({
    type,
    ...(value !== undefined && setBy !== undefined && { default: { value, file: setBy.file, line: setBy.line } }),
    ...(max !== undefined && { max: { value: max.value, file: max.file, line: max.line } })
  }))
}

/**
 * What a job gets that does not ask, and the line that says so. `whole` is the limit that this one may be a part of.
 */
function defaultOf<Key extends string> (
  { defaultKey, maxIsDefault, part }: LimitRule<Key>,
  ruled: (key: Key) => RuledBy<number> | undefined,
  max: RuledBy<number> | undefined,
  whole: number | undefined
): RuledBy<number> | undefined {
  const share = part === undefined || whole === undefined ? undefined : ruled(part.key)
  const given =
    ruled(defaultKey) ??
    (share && { ...share, value: whole! * share.value }) ??
    (maxIsDefault === true ? max : undefined)
  if (given === undefined) return undefined
  // What nobody asked for is made to fit; a request is never more than its limit.
  const fitting = max !== undefined && max.value < given.value ? max : given
  return fitting.value === 0 ? undefined : { ...fitting, value: Math.min(fitting.value, whole ?? Infinity) }
}

function tooMuch (
  { type, value }: Limits[number],
  index: number,
  max: RuledBy<number>,
  user: string,
  taken: { key: string; file: string; line: number } | undefined
): LauncherError {
  const from = taken && { file: taken.file, line: taken.line }
  return new LauncherError('LimitExceeded',
    `${taken === undefined ? 'The job asks for' : `The resource profile ${taken.key} (${placeOf(taken)}) gives`} ` +
    `${type} ${value} ${UNITS[type]}; ${placeOf(max)} allows ${user} ${max.key}=${max.value}.`,
    {
      field: taken === undefined ? `resourceLimits[${index}]` : 'resourceProfile',
      type,
      asked: value,
      maximum: max.value,
      key: max.key,
      file: max.file,
      line: max.line,
      ...(from && { resourceProfile: from })
    }
  )
}
