// Decides from the condition of its pod whether a running job is ready. Pure.

import {
  knownLate, mayBecomeReady, readinessOf, readyTimeoutMs, type SeenReadiness
} from '../../../launcher/plugin-kit/readiness.ts'
import type { ActiveObservation, Job } from '../../../launcher/plugin.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { ConditionView, EventView } from '../cache/views.ts'
import { quoted } from '../client/server-message.ts'
import { CONTENT } from '../metadata/names.ts'
import { readyPortOf } from '../objects/readiness-probe.ts'
import { lastProbeFailure, probeProblem } from './probe-failure.ts'

/**
 * What the observation of a running job says. `sinceStartMs` is undefined while the views may be old: then a job is not
 * found to be late, and one that was late stays so. `events` are those of the pod, if they were read.
 */
export function podReadiness (
  job: Job, pod: TrackedPod, startTime: number, sinceStartMs: number | undefined,
  events: readonly EventView[] = []
): Pick<ActiveObservation, 'readyTime' | 'reason' | 'message' | 'requeueAfterMs'> {
  if (!mayBecomeReady(job)) return {}
  const seen = seenOf(job, pod, startTime, events)
  if (sinceStartMs === undefined && !('readyTime' in seen)) return knownLate(job)
  return readinessOf(job, () => seen, () => sinceStartMs ?? 0)
}

/** When a job that is not ready became late. */
export function lateSince ({ submission }: Job, startTime: number): number {
  return startTime + readyTimeoutMs(submission.exposedPorts, readyPortOf(submission)!.index)
}

function seenOf (
  { submission }: Job, { conditions }: TrackedPod, startTime: number, events: readonly EventView[]
): SeenReadiness {
  const condition = conditions.find(({ type }) => type === 'Ready')
  const { status, at = startTime } = condition ?? {}
  if (status === 'True') return { readyTime: Math.max(at, startTime) }
  const port = readyPortOf(submission)!
  // Without the condition, or with one that is unknown, the node has not said that the program does not answer.
  if (status !== 'False') return { waiting: [{ index: port.index }] }
  return { waiting: [{ index: port.index, problem: problemOf(condition!, port, events) }] }
}

function problemOf (
  { reason, message = '' }: ConditionView,
  { port, httpPath }: NonNullable<ReturnType<typeof readyPortOf>>,
  events: readonly EventView[]
): string {
  const others = unready(message)
  if (reason === 'ReadinessGatesNotReady' || (others !== undefined && !others.includes(CONTENT))) {
    const what = others === undefined ? 'a readiness gate of its pod' : `the container ${others.join(', ')} of its pod`
    return `${what} is not ready${quoted('Kubernetes', message)}`
  }
  const words = lastProbeFailure(events)
  const problem = words && probeProblem(words, { port, httpPath })
  if (problem !== undefined) return `${problem}${quoted('the node', words)}`
  const asked = httpPath === undefined ? `port ${port}` : `GET ${httpPath} on port ${port}`
  const why = words === undefined ? quoted('Kubernetes', message) : quoted('the node', words)
  return `the node has no answer that counts from ${asked}${why}`
}

/** The containers that the condition lists as not ready. */
function unready (message: string): string[] | undefined {
  return /unready status: \[([^\]]+)\]/.exec(message)?.[1]!.split(' ')
}
