// The host's own name for a job, and its form in the record that a plugin keeps of the job.

import { Type } from 'typebox'
import { ONE_LINE } from '../lib/one-line.ts'

/** At most one job that has not ended has a key. */
export interface JobKey {
  /** The user that the submission acted for; empty for the host itself. Each has keys of their own. */
  readonly user: string
  readonly key: string
}

export const KeyText = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: ONE_LINE.pattern.replace('^', '^(?!\\.{1,2}$)'),
  'x-expected': `${ONE_LINE['x-expected']}, and not . or .., which paths drop`,
  description: "The host's own name for the job, percent-encoded in the path."
})

/** Returns undefined if the part of a record is missing or has another shape. */
export function readJobKey (recorded: unknown): JobKey | undefined {
  if (typeof recorded !== 'object' || recorded === null) return undefined
  const { user, key } = recorded as Partial<Record<keyof JobKey, unknown>>
  return typeof user === 'string' && typeof key === 'string' ? { user, key } : undefined
}
