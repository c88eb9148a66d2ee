// What the launcher writes on a Job after it was made: what was asked of it and how it ended, as annotations and
// patches.

import type { V1Job } from '@kubernetes/client-node'
import type { Intent, Outcome } from '../../../launcher/plugin.ts'

/** What the annotations of a Job say. */
export interface JobAnnotations {
  /** Made, and not yet allowed to run: what it needs is still being made. */
  readonly paused: boolean
  /** What was asked of the job. It is written in the same patch that carries it out. */
  readonly requestedOperation?: Intent['operation']
  /** When, in milliseconds since 1970. */
  readonly requestedAt?: number
  /** How the job ended, where the launcher decided it: nothing else in the cluster says it as well. */
  readonly outcome?: Outcome
}

const HELD = 'job-launcher/held'
const ASKED = 'job-launcher/asked'
const ASKED_AT = 'job-launcher/asked-at'
const VERDICT = 'job-launcher/verdict'

type Annotations = Readonly<Record<string, string>>

/** A merge patch (application/merge-patch+json) of a Job. */
export interface JobPatch {
  readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> }
  readonly spec: { readonly parallelism: 0 }
}

/**
 * The Job as one that runs nothing until `RELEASE` is patched in, so that what it owns can be made before its pod is.
 */
export function pausedJob (job: V1Job): V1Job {
  return {
    ...job,
    metadata: { ...job.metadata, annotations: { ...job.metadata?.annotations, [HELD]: 'true' } },
    spec: { ...job.spec!, parallelism: 0 }
  }
}

/**
 * The JSON patch (application/json-patch+json) that lets a held Job run. Only one of it and of `endPatch` can win: it
 * fails when the Job is no longer held.
 */
export const UNPAUSE = [
  { op: 'test', path: `/metadata/annotations/${HELD.replace('/', '~1')}`, value: 'true' },
  { op: 'remove', path: `/metadata/annotations/${HELD.replace('/', '~1')}` },
  { op: 'replace', path: '/spec/parallelism', value: 1 }
] as const

/** Ends the run of a Job: its pod is deleted with its grace, and no other is made. Says why in the same write. */
export function terminatePatch ({ intent, outcome }: { intent?: Intent, outcome?: Outcome } = {}): JobPatch {
  return {
    metadata: {
      annotations: {
        [HELD]: null,
        ...(intent && { [ASKED]: intent.operation, [ASKED_AT]: String(intent.at) }),
        ...(outcome && { [VERDICT]: JSON.stringify(outcome) })
      }
    },
    spec: { parallelism: 0 }
  }
}

/** Never throws: a mark that somebody made unreadable counts as not there. */
export function readAnnotations (annotations: Annotations = {}): JobAnnotations {
  const requestedOperation = annotations[ASKED]
  const requestedAt = Number(annotations[ASKED_AT])
  const outcome = readOutcome(annotations[VERDICT])
  return {
    paused: annotations[HELD] === 'true',
    ...((requestedOperation === 'stop' || requestedOperation === 'kill' || requestedOperation === 'cancel') && {
      requestedOperation
    }),
    ...(annotations[ASKED_AT] !== undefined && Number.isSafeInteger(requestedAt) && { requestedAt }),
    ...(outcome && { outcome })
  }
}

function readOutcome (text: string | undefined): Outcome | undefined {
  if (text === undefined) return undefined
  try {
    const { status, reason, message, exitCode } = JSON.parse(text) as Partial<Outcome>
    if (status !== 'Finished' && status !== 'Failed' && status !== 'Killed' && status !== 'Canceled') return undefined
    if (typeof reason !== 'string' || typeof message !== 'string') return undefined
    return { status, reason, message, ...(typeof exitCode === 'number' && { exitCode }) }
  } catch {
    return undefined
  }
}
