// The record of a job as it stands on its Job, so that a launcher without its database can take the job up again.

import type { Job, RecoveredJob } from '../../../launcher/plugin.ts'
import { readAnnotations } from './annotations.ts'

/** The annotation that holds the record. */
export const RECORD = 'job-launcher/record'

/** Kubernetes takes 262,144 bytes for all annotations of an object; the rest is room for the other ones. */
export const MAX_RECORD_BYTES = 250_000

/** What is known of a job before it is stored, and stays. */
export type Recorded = Pick<Job, 'id' | 'user' | 'groups' | 'submission' | 'submissionTime'>

/**
 * Text of the annotation: everything of the job but its secrets and its standard input, which are in the Secret only.
 */
export function recordOf ({ id, user, groups, submission, submissionTime }: Recorded): string {
  const { secrets: _secrets, stdin: _stdin, ...open } = submission
  return JSON.stringify({ id, user, groups, submissionTime, submission: open })
}

/**
 * The job that the annotations of the Job of `id` tell of, with what was asked of it; undefined when they cannot be
 * read.
 */
export function readRecord (id: string, annotations: Readonly<Record<string, string>> = {}): RecoveredJob | undefined {
  const record = parsed(annotations[RECORD])
  if (record === undefined || record.id !== id) return undefined
  const { user, groups, submission, submissionTime } = record
  if (typeof user !== 'string' || !Number.isSafeInteger(submissionTime)) return undefined
  if (typeof submission !== 'object' || submission === null || typeof submission.name !== 'string') return undefined
  const { requestedOperation, requestedAt } = readAnnotations(annotations)
  return {
    id,
    user,
    ...(Array.isArray(groups) && { groups: groups.map(String) }),
    submission,
    submissionTime: submissionTime as number,
    ...(requestedOperation !== undefined &&
      requestedAt !== undefined && { intent: { operation: requestedOperation, at: requestedAt } })
  }
}

function parsed (text: string | undefined): Partial<Recorded> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
