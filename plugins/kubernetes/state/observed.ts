// Builds what the core gets of an evaluation. Pure.

import type { Job, Observation, Outcome } from '../../../launcher/plugin.ts'
import { knownLate } from '../../../launcher/plugin-kit/readiness.ts'
import { startOf, terminatedOf, type TrackedPod } from '../cache/tracked-pod.ts'

/** When to look again at what changes soon. */
export const REQUEUE_MS = 1000

export function active (
  firstPod: TrackedPod,
  { message }: { message: string | undefined },
  requeueAfterMs?: number
): Observation {
  const rest = { ...(message !== undefined && { message }), ...(requeueAfterMs !== undefined && { requeueAfterMs }) }
  const startTime = startOf(firstPod)
  if (startTime === undefined) return { state: 'pending', ...rest }
  return { state: 'running', startTime, ...(firstPod.node !== undefined && { host: firstPod.node }), ...rest }
}

/** Repeats the known state. */
export function unchanged (job: Job, requeueAfterMs: number = REQUEUE_MS): Observation {
  const { status, startTime, submissionTime, reason, message } = job
  const rest = { requeueAfterMs, ...(message !== undefined && { message }) }
  if (status !== 'Pending') {
    return { state: 'running', startTime: startTime ?? submissionTime, ...rest, ...knownLate(job) }
  }
  return { state: 'pending', ...(reason !== undefined && { reason }), ...rest }
}

export function ended (outcome: Outcome, firstPod?: TrackedPod): Observation {
  const startTime = firstPod && startOf(firstPod)
  const endTime = firstPod && terminatedOf(firstPod)?.finishedAt
  return {
    state: 'ended',
    outcome,
    ...(startTime !== undefined && { startTime }),
    ...(endTime !== undefined && { endTime })
  }
}
