// Decides the limits of a job: checks those that it requests against the maxima in its user's profiles, and adds the
// profiles' defaults. Names the line behind each value. Pure.

import { LauncherError } from '../errors.ts'
import type { DecidedLimit, JobSubmission, Entitlements, Line, RuledBy, Subject } from '../plugin.ts'
import { defined } from '../lib/defined.ts'
import { placeOf } from '../lib/problem.ts'
import type { ProfileValue } from './profiles.ts'

export type Limits = NonNullable<JobSubmission['resourceLimits']>
export type LimitType = Limits[number]['type']

/** What profiles can limit: the types of resourceLimits, and the timeout, which is a field of its own. */
export type RuledType = LimitType | 'timeout'
type Requested = ReadonlyArray<{ readonly type: RuledType, readonly value: number }>

export const UNITS: Readonly<Record<RuledType, string>> = {
  cpuCount: 'CPUs',
  cpuRequest: 'CPUs',
  cpuTime: 's',
  memory: 'MB',
  memoryRequest: 'MB',
  memorySwap: 'MB',
  nvidiaGpus: 'NVIDIA GPUs',
  amdGpus: 'AMD GPUs',
  output: 'MB of output',
  timeout: 's'
}

/** The profile keys that govern one type of limit. */
export interface LimitRule<Key extends string> {
  readonly type: RuledType
  readonly defaultKey: Key
  readonly max: Key
  /** The maximum is also the default. Otherwise it would limit only jobs that request a value. */
  readonly maxIsDefault?: true
  /** A maximum of 0 is no maximum. */
  readonly zeroIsNone?: true
  /** If no other value exists, the limit is the limit `of` multiplied by the value of `key`. */
  readonly part?: { readonly of: LimitType, readonly key: Key }
}

/** Looks up the value of a key for a user. */
export interface NumberProfiles<Key extends string> {
  valueOf (key: Key, user: string, groups: readonly string[]): ProfileValue<number> | undefined
}

/** A resource profile: limits that a job requests by one name, instead of its own. */
export interface NamedLimits {
  readonly name: string
  readonly file: string
  readonly limits: ReadonlyArray<{ readonly type: LimitType, readonly value: number, readonly line: number }>
}

/** A decided limit. `refusal` is present if the profiles refuse it. */
export interface Decided extends DecidedLimit {
  readonly type: RuledType
  readonly refusal?: LauncherError
}

/**
 * Returns the requested limits in their order, then the other limits in the order of the rules. In that order, the
 * default of a limit may be a part of one that was decided before it.
 */
export function decideLimits<Key extends string> (
  requested: Requested,
  rules: ReadonlyArray<LimitRule<Key>>,
  profiles: NumberProfiles<NoInfer<Key>>,
  subject: Subject,
  resourceProfile?: NamedLimits
): Decided[] {
  const lookUp = (key: Key): RuledBy<number> | undefined => {
    const found = profiles.valueOf(key, subject.user, subject.groups)
    return found && { key: found.key ?? key, value: found.value, ...lineOf(found) }
  }
  const maxOf = ({ max: key, zeroIsNone }: LimitRule<Key>): RuledBy<number> | undefined => {
    const max = lookUp(key)
    return zeroIsNone === true && max?.value === 0 ? undefined : max
  }
  const limits: ReadonlyArray<Requested[number] & { line?: number }> = resourceProfile === undefined
    ? requested
    : [...resourceProfile.limits, ...requested.filter(({ type }) => type === 'timeout')]
  const decided = limits.map(({ type, value, line }, index): Decided => {
    const rule = rules.find(rule => rule.type === type)
    const max = rule && maxOf(rule)
    const setBy = resourceProfile === undefined || line === undefined
      ? undefined
      : { key: resourceProfile.name, file: resourceProfile.file, line }
    const refusal =
      max !== undefined && value > max.value
        ? limitExceeded({ type, value }, index, max, subject.user, setBy)
        : undefined
    return {
      type,
      ...(setBy === undefined && { asked: value }),
      value,
      ...(setBy && { setBy }),
      ...(max && { max }),
      ...(refusal && { refusal })
    }
  })
  for (const rule of rules) {
    if (decided.some(({ type }) => type === rule.type)) continue
    const max = maxOf(rule)
    const defaultLine = defaultOf(rule, lookUp, max, decided.find(({ type }) => type === rule.part?.of)?.value)
    decided.push({
      type: rule.type,
      ...(defaultLine && {
        value: defaultLine.value,
        setBy: { key: defaultLine.key, ...lineOf(defaultLine) }
      }),
      ...(max && { max })
    })
  }
  return decided
}

/** Returns the limits that have a value, as resourceLimits. */
export function limitsOf (decided: readonly Decided[]): Limits {
  return decided.flatMap(({ type, value }) => value === undefined || type === 'timeout' ? [] : [{ type, value }])
}

/** Returns the default and the maximum of each limit, for a user who has not submitted a job yet. */
export function limitEntitlements (decided: readonly Decided[]): Entitlements['limits'] {
  return decided.map(({ type, value, setBy, max }) => ({
    type,
    ...(value !== undefined && setBy !== undefined && { default: { value, ...lineOf(setBy) } }),
    ...(max !== undefined && { max: { value: max.value, ...lineOf(max) } })
  }))
}

/** The default of a conf key has no line. */
function lineOf ({ file, line }: Partial<Line>): Partial<Line> {
  return defined({ file, line })
}

function allowedBy (max: RuledBy<number>, user: string): string {
  return max.file === undefined
    ? `the ${max.key} allows ${user} ${max.value}`
    : `${placeOf(max)} allows ${user} ${max.key}=${max.value}`
}

/**
 * Returns the value for a job that does not request this limit, with the line that sets it. `whole` is the limit that
 * this one may be a part of.
 */
function defaultOf<Key extends string> (
  { defaultKey, maxIsDefault, part }: LimitRule<Key>,
  lookUp: (key: Key) => RuledBy<number> | undefined,
  max: RuledBy<number> | undefined,
  whole: number | undefined
): RuledBy<number> | undefined {
  const share = part === undefined || whole === undefined ? undefined : lookUp(part.key)
  const base =
    lookUp(defaultKey) ??
    (share && { ...share, value: whole! * share.value }) ??
    (maxIsDefault === true ? max : undefined)
  if (base === undefined) return undefined
  // A default above the maximum is lowered to it. A part of a limit is never more than that limit.
  const capped = max !== undefined && max.value < base.value ? max : base
  return capped.value === 0 ? undefined : { ...capped, value: Math.min(capped.value, whole ?? Infinity) }
}

function limitExceeded (
  { type, value }: Requested[number],
  index: number,
  max: RuledBy<number>,
  user: string,
  setBy: { key: string; file: string; line: number } | undefined
): LauncherError {
  const definedIn = setBy && { file: setBy.file, line: setBy.line }
  return new LauncherError('LimitExceeded',
    `${setBy === undefined ? 'The job asks for' : `The resource profile ${setBy.key} (${placeOf(setBy)}) gives`} ` +
    `${type} ${value} ${UNITS[type]}; ${allowedBy(max, user)}.`,
    {
      field: fieldOf(type, index, setBy !== undefined),
      limit: type,
      asked: value,
      maximum: max.value,
      key: max.key,
      ...lineOf(max),
      ...(definedIn && { resourceProfile: definedIn })
    }
  )
}

function fieldOf (type: RuledType, index: number, isOfProfile: boolean): string {
  if (isOfProfile) return 'resourceProfile'
  return type === 'timeout' ? 'timeoutSeconds' : `resourceLimits[${index}]`
}
