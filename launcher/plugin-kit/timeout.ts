// The timeout of a job: the profile keys that decide it, and when it has passed.

import { MAX_TIMEOUT_SECONDS } from '../model/job.ts'
import type { ActiveObservation, Job, JobSubmission } from '../plugin.ts'
import type { Decided, LimitRule } from './decide-limits.ts'
import { wholeNumber, type ProfileKey } from './profiles.ts'

const DEFAULT_KEY = 'default-timeout-seconds'
const MAX_KEY = 'max-timeout-seconds'

const seconds: ProfileKey<number> = {
  expected: `a whole number of seconds from 1 to ${MAX_TIMEOUT_SECONDS}`,
  read (text) {
    const value = wholeNumber.read(text)
    return value === undefined || value < 1 || value > MAX_TIMEOUT_SECONDS ? undefined : value
  }
}

/** The profile keys of every cluster whose plugin ends jobs after their timeout. */
export const TIMEOUT_PROFILE_KEYS = { [DEFAULT_KEY]: seconds, [MAX_KEY]: seconds } as const

/** A job that requests no timeout has the default, or else the maximum. */
export const TIMEOUT_RULE: LimitRule<typeof DEFAULT_KEY | typeof MAX_KEY> = {
  type: 'timeout', defaultKey: DEFAULT_KEY, max: MAX_KEY, maxIsDefault: true
}

/** Returns the requested timeout as a request of `decideLimits`. */
export function timeoutRequest (
  { timeoutSeconds }: JobSubmission
): ReadonlyArray<{ readonly type: 'timeout', readonly value: number }> {
  return timeoutSeconds === undefined ? [] : [{ type: 'timeout', value: timeoutSeconds }]
}

/** Returns the decided timeout as a part of the submission. */
export function decidedTimeout (decided: readonly Decided[]): Pick<JobSubmission, 'timeoutSeconds'> {
  const seconds = decided.find(({ type }) => type === 'timeout')?.value
  return seconds === undefined ? {} : { timeoutSeconds: seconds }
}

/**
 * What a running job's observation says of its timeout. A job that is already asked to end has none any more.
 * `sinceStartMs` is called only for a job that has one.
 */
export function timeoutOf (
  { intent, submission: { timeoutSeconds } }: Pick<Job, 'intent' | 'submission'>, sinceStartMs: () => number
): Pick<ActiveObservation, 'timedOut' | 'requeueAfterMs'> {
  if (timeoutSeconds === undefined || (intent !== undefined && intent.operation !== 'cancel')) return {}
  const left = timeoutSeconds * 1000 - sinceStartMs()
  return left > 0 ? { requeueAfterMs: left } : { timedOut: true }
}
