// The annotations that the launcher writes on a Job after its creation (the requested operation and the outcome), and
// the patches that write them.

import type { V1Job } from '@kubernetes/client-node'
import { parseObject } from '../../../launcher/lib/parse-json.ts'
import {
  TRUNCATIONS, type Cause, type Intent, type Outcome, type OutputTruncated, type RequestedBy
} from '../../../launcher/plugin.ts'

/** Why output of a job is missing, and at which byte. */
export type Truncation = Pick<OutputTruncated, 'reason' | 'offset'>

/** The parsed annotations of a Job. */
export interface JobAnnotations {
  /** Created, and not yet allowed to run: the objects that it needs are still being created. */
  readonly paused: boolean
  /** The operation requested for the job. Written in the same patch that carries it out. */
  readonly requestedOperation?: Intent['operation']
  /** Time of the request, in milliseconds since 1970. */
  readonly requestedAt?: number
  /** Who made the request. */
  readonly requestedBy?: RequestedBy
  /** Why the launcher itself made the request. */
  readonly cause?: Cause
  /** Folder of the job's process logs, relative to the data of the host, if its output is kept there. */
  readonly processLogs?: string
  /** The outcome, if the launcher decided it: no other object in the cluster shows it as well. */
  readonly outcome?: Outcome
  /** Why output is missing: the files or the log of the job may not show it later. */
  readonly outputTruncated?: Truncation
}

const PAUSED = 'job-launcher/held'
const REQUESTED_OPERATION = 'job-launcher/asked'
const REQUESTED_AT = 'job-launcher/asked-at'
/** The name of a user; empty for the host itself. */
const REQUESTED_BY = 'job-launcher/asked-by'
/** A reason, if the launcher itself asked. */
const CAUSE = 'job-launcher/asked-because'
const OUTCOME = 'job-launcher/verdict'
const OUTPUT_TRUNCATED = 'job-launcher/output-truncated'
/** Written as the Job is created. */
export const PROCESS_LOGS = 'job-launcher/process-logs'

type Annotations = Readonly<Record<string, string>>

/** A merge patch (application/merge-patch+json) of a Job. */
export interface JobPatch {
  readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> }
  readonly spec: { readonly parallelism: 0 }
}

/**
 * Returns the Job with parallelism 0, so that it runs nothing until `UNPAUSE` is applied: the objects that it owns can
 * be created before its pod.
 */
export function pausedJob (job: V1Job): V1Job {
  return {
    ...job,
    metadata: { ...job.metadata, annotations: { ...job.metadata?.annotations, [PAUSED]: 'true' } },
    spec: { ...job.spec!, parallelism: 0 }
  }
}

/**
 * The JSON patch (application/json-patch+json) that lets a paused Job run. Only one of it and of `terminatePatch` can
 * win: it fails if the Job is no longer paused.
 */
export const UNPAUSE = [
  { op: 'test', path: `/metadata/annotations/${PAUSED.replace('/', '~1')}`, value: 'true' },
  { op: 'remove', path: `/metadata/annotations/${PAUSED.replace('/', '~1')}` },
  { op: 'replace', path: '/spec/parallelism', value: 1 }
] as const

/**
 * Terminates a Job: its pod is deleted with its grace period, and no other is created. Records why in the same write.
 */
export function terminatePatch ({ intent, outcome }: { intent?: Intent, outcome?: Outcome } = {}): JobPatch {
  return {
    metadata: {
      annotations: {
        [PAUSED]: null,
        ...(intent && {
          [REQUESTED_OPERATION]: intent.operation,
          [REQUESTED_AT]: String(intent.at),
          ...(intent.by && { [REQUESTED_BY]: intent.by.user ?? '' })
        }),
        ...(intent?.cause && { [CAUSE]: intent.cause }),
        ...(outcome && { [OUTCOME]: JSON.stringify(outcome) })
      }
    },
    spec: { parallelism: 0 }
  }
}

/** The merge patch that records why output is missing. */
export function truncationPatch (truncation: Truncation): Pick<JobPatch, 'metadata'> {
  return { metadata: { annotations: { [OUTPUT_TRUNCATED]: JSON.stringify(truncation) } } }
}

/** Never throws: an unreadable annotation counts as missing. */
export function readAnnotations (annotations: Annotations = {}): JobAnnotations {
  const requestedOperation = annotations[REQUESTED_OPERATION]
  const requestedAt = Number(annotations[REQUESTED_AT])
  const outcome = readOutcome(annotations[OUTCOME])
  const outputTruncated = readTruncation(annotations[OUTPUT_TRUNCATED])
  const processLogs = annotations[PROCESS_LOGS]
  const user = annotations[REQUESTED_BY]
  const cause = annotations[CAUSE]
  return {
    paused: annotations[PAUSED] === 'true',
    ...((requestedOperation === 'stop' || requestedOperation === 'kill' || requestedOperation === 'cancel') && {
      requestedOperation
    }),
    ...(annotations[REQUESTED_AT] !== undefined && Number.isSafeInteger(requestedAt) && { requestedAt }),
    ...(user !== undefined && { requestedBy: user === '' ? {} : { user } }),
    ...((cause === 'TimedOut' || cause === 'LeaseExpired') && { cause }),
    ...(processLogs !== undefined && { processLogs }),
    ...(outcome && { outcome }),
    ...(outputTruncated && { outputTruncated })
  }
}

function readTruncation (text: string | undefined): Truncation | undefined {
  const { reason, offset } = parseObject(text ?? '') ?? {}
  if (typeof reason !== 'string' || !Object.hasOwn(TRUNCATIONS, reason)) return undefined
  return { reason: reason as Truncation['reason'], ...(Number.isSafeInteger(offset) && { offset: offset as number }) }
}

function readOutcome (text: string | undefined): Outcome | undefined {
  const { status, reason, message, exitCode } = parseObject(text ?? '') ?? {}
  if (status !== 'Finished' && status !== 'Failed' && status !== 'Killed' && status !== 'Canceled') return undefined
  if (typeof reason !== 'string' || typeof message !== 'string') return undefined
  return { status, reason, message, ...(typeof exitCode === 'number' && { exitCode }) }
}
