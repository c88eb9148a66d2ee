// What the launcher writes on a Job after it was made: what was asked of it and how it ended, as annotations and patches.

import type { V1Job } from '@kubernetes/client-node'
import type { Intent, Verdict } from '../../../launcher/plugin.ts'

/** What the annotations of a Job say. */
export interface Marks {
  /** Made, and not yet allowed to run: what it needs is still being made. */
  readonly held: boolean
  /** What was asked of the job. It is written in the same patch that carries it out. */
  readonly asked?: Intent['operation']
  /** When, in milliseconds since 1970. */
  readonly askedAt?: number
  /** How the job ended, where the launcher decided it: nothing else in the cluster says it as well. */
  readonly verdict?: Verdict
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

/** The Job as one that runs nothing until `RELEASE` is patched in, so that what it owns can be made before its pod is. */
export function heldJob (job: V1Job): V1Job {
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
export const RELEASE = [
  { op: 'test', path: `/metadata/annotations/${HELD.replace('/', '~1')}`, value: 'true' },
  { op: 'remove', path: `/metadata/annotations/${HELD.replace('/', '~1')}` },
  { op: 'replace', path: '/spec/parallelism', value: 1 }
] as const

/** Ends the run of a Job: its pod is deleted with its grace, and no other is made. Says why in the same write. */
export function endPatch ({ intent, verdict }: { intent?: Intent, verdict?: Verdict } = {}): JobPatch {
  return {
    metadata: {
      annotations: {
        [HELD]: null,
        ...(intent && { [ASKED]: intent.operation, [ASKED_AT]: String(intent.at) }),
        ...(verdict && { [VERDICT]: JSON.stringify(verdict) })
      }
    },
    spec: { parallelism: 0 }
  }
}

/** Never throws: a mark that somebody made unreadable counts as not there. */
export function readMarks (annotations: Annotations = {}): Marks {
  const asked = annotations[ASKED]
  const askedAt = Number(annotations[ASKED_AT])
  const verdict = readVerdict(annotations[VERDICT])
  return {
    held: annotations[HELD] === 'true',
    ...((asked === 'stop' || asked === 'kill' || asked === 'cancel') && { asked }),
    ...(annotations[ASKED_AT] !== undefined && Number.isSafeInteger(askedAt) && { askedAt }),
    ...(verdict && { verdict })
  }
}

function readVerdict (text: string | undefined): Verdict | undefined {
  if (text === undefined) return undefined
  try {
    const { status, reason, message, exitCode } = JSON.parse(text) as Partial<Verdict>
    if (status !== 'Finished' && status !== 'Failed' && status !== 'Killed' && status !== 'Canceled') return undefined
    if (typeof reason !== 'string' || typeof message !== 'string') return undefined
    return { status, reason, message, ...(typeof exitCode === 'number' && { exitCode }) }
  } catch {
    return undefined
  }
}
