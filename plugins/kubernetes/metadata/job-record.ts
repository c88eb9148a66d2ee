// The record of a job in an annotation of its Job, so that a launcher without its database can recover the job.

import { readIdempotency, readJobArray, readJobKey, type Job, type RecoveredJob } from '../../../launcher/plugin.ts'
import { parseObject } from '../../../launcher/lib/parse-json.ts'
import { readAnnotations } from './annotations.ts'

/** The annotation that holds the record. */
export const RECORD = 'job-launcher/record'

/** Kubernetes allows 262,144 bytes for all annotations of an object. The rest is reserved for the other annotations. */
export const MAX_RECORD_BYTES = 250_000

/** The fields of a job that are known before it is stored and never change. */
export type RecordedFields =
  Pick<Job, 'id' | 'user' | 'groups' | 'submission' | 'submissionTime' | 'array' | 'idempotency' | 'key'>

/**
 * Returns the text of the annotation: all of these fields except the job's secrets and standard input, which are only
 * in the Secret.
 */
export function recordOf (
  { id, user, groups, submission, submissionTime, array, idempotency, key }: RecordedFields
): string {
  const { secrets: _secrets, stdin: _stdin, ...publicFields } = submission
  return JSON.stringify({ id, user, groups, submissionTime, array, idempotency, key, submission: publicFields })
}

/**
 * Returns the job from the annotations of the Job of `id`, with its requested operation. Undefined if they cannot be
 * read.
 */
export function readRecord (id: string, annotations: Readonly<Record<string, string>> = {}): RecoveredJob | undefined {
  const record = parseObject(annotations[RECORD] ?? '') as Partial<RecordedFields> | undefined
  if (record === undefined || record.id !== id) return undefined
  const { user, groups, submission, submissionTime } = record
  if (typeof user !== 'string' || !Number.isSafeInteger(submissionTime)) return undefined
  if (typeof submission !== 'object' || submission === null || typeof submission.name !== 'string') return undefined
  const array = readJobArray(record.array)
  const idempotency = readIdempotency(record.idempotency)
  const key = readJobKey(record.key)
  const { requestedOperation, requestedAt, requestedBy: by, cause } = readAnnotations(annotations)
  return {
    id,
    user,
    ...(Array.isArray(groups) && { groups: groups.map(String) }),
    submission,
    submissionTime: submissionTime as number,
    ...(array && { array }),
    ...(idempotency && { idempotency }),
    ...(key && { key }),
    ...(requestedOperation !== undefined &&
      requestedAt !== undefined && {
      intent: { operation: requestedOperation, at: requestedAt, ...(by && { by }), ...(cause && { cause }) }
    })
  }
}
