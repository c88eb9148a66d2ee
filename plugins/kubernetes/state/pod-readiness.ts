// Decides from the condition of its pod whether a running job is ready. Pure.

import { knownLate, mayBecomeReady, readinessOf, type SeenReadiness } from '../../../launcher/plugin-kit/readiness.ts'
import type { ActiveObservation, Job } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import { quoted } from '../client/server-message.ts'
import { readyPortOf } from '../objects/readiness-probe.ts'

/**
 * What the observation of a running job says. `sinceStartMs` is undefined while the views may be old: then a job is not
 * found to be late, and one that was late stays so.
 */
export function podReadiness (
  job: Job, pod: TrackedPod, startTime: number, sinceStartMs: number | undefined
): Pick<ActiveObservation, 'readyTime' | 'reason' | 'message' | 'requeueAfterMs'> {
  if (!mayBecomeReady(job)) return {}
  const seen = seenOf(job, pod, startTime)
  if (sinceStartMs === undefined && !('readyTime' in seen)) return knownLate(job)
  return readinessOf(job, () => seen, () => sinceStartMs ?? 0)
}

function seenOf ({ submission }: Job, { conditions }: TrackedPod, startTime: number): SeenReadiness {
  const { status, at = startTime, message } = conditions.find(({ type }) => type === 'Ready') ?? {}
  if (status === 'True') return { readyTime: Math.max(at, startTime) }
  const { index, port, httpPath } = readyPortOf(submission)!
  // Without the condition, or with one that is unknown, the node has not said that the program does not answer.
  if (status !== 'False') return { waiting: [{ index }] }
  const asked = httpPath === undefined ? `port ${port}` : `GET ${httpPath} on port ${port}`
  const problem = `the node has no answer that counts from ${asked}${quoted('Kubernetes', message)}`
  return { waiting: [{ index, problem }] }
}
