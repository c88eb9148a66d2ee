// The limit on a job's output: the setting and the profile key that decide it, and the mark at the end of output that
// exceeded it.

import { Type, type Static } from 'typebox'
import { setting } from '../model/conf-key.ts'
import type { JobSubmission, KeyRules, RuledBy } from '../plugin.ts'
import type { LimitRule } from './decide-limits.ts'
import { wholeNumber, type ProfileKey, type ProfileKeys, type Profiles } from './profiles.ts'

const BYTES_PER_MB = 1_000_000
const KEY = 'output-limit'
const PROFILE_KEY = 'max-output-mb'

/** The key in the conf file of a cluster whose plugin limits output. */
export const OUTPUT_KEYS = Type.Object({
  'output-limit': Type.Integer({
    heading: 'How much output a job may write.',
    minimum: 0,
    unit: 'bytes',
    default: 10_000_000_000,
    description:
      'Most output of a job, in bytes or as 10GB or 10 GiB; 0 for no limit. A job that writes more is killed. ' +
      'max-output-mb of the profiles has precedence.',
    ...setting('{type}OutputLimit', {
      description:
        'Most output of a job; 0 for no limit. A job that writes more is killed. max-output-mb of the profiles has ' +
        'precedence.'
    })
  })
})

/** The profile key of every cluster whose plugin limits output. 0 is no limit. */
export const OUTPUT_PROFILE_KEY: Readonly<Record<typeof PROFILE_KEY, ProfileKey<number>>> = {
  [PROFILE_KEY]: wholeNumber
}

/** The limit of the conf file, with the line that sets it; the default has none. */
export type OutputSetting = RuledBy<number>

/** A job that requests no limit has the maximum. */
export const OUTPUT_RULE: LimitRule<typeof PROFILE_KEY> = {
  type: 'output', defaultKey: PROFILE_KEY, max: PROFILE_KEY, maxIsDefault: true, zeroIsNone: true
}

/** Returns the limit of the cluster's conf file, or its default, in MB. */
export function outputSetting (keys: Static<typeof OUTPUT_KEYS>, rules: KeyRules): OutputSetting {
  const value = keys[KEY] / BYTES_PER_MB
  const line = rules.lineOf(KEY)
  return line === undefined ? { value, key: `default of ${KEY}` } : { value, key: KEY, ...line }
}

/** Returns the profiles with the limit of the conf file for users without one of their own. */
export function withOutputSetting<Keys extends ProfileKeys> (
  profiles: Profiles<Keys>,
  setting: OutputSetting | undefined
): Profiles<Keys> {
  const valueOf: Profiles<Keys>['valueOf'] = (key, user, groups) =>
    profiles.valueOf(key, user, groups) ?? (key === PROFILE_KEY ? setting as ReturnType<typeof valueOf> : undefined)
  return { ...profiles, valueOf }
}

/** The limit that the job was admitted with, in MB. */
export function outputLimitOf ({ resourceLimits = [] }: JobSubmission): number | undefined {
  return resourceLimits.find(({ type }) => type === 'output')?.value
}

export function bytesOf (megabytes: number): number {
  return Math.round(megabytes * BYTES_PER_MB)
}

/** What follows the kept output of a job that exceeded its limit. */
export function outputEndMark (limitMb: number): Buffer {
  return Buffer.from(`\n[job-launcher] The job exceeded its output limit of ${limitMb} MB and was killed.\n`)
}
