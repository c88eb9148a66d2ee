// What an observation of a running job says of its readiness.

import { READY_TIMEOUT_SECONDS, saysWhenReady } from '../model/exposed-port.ts'
import type { ActiveObservation, Job, JobSubmission } from '../plugin.ts'

/** What is known of the ports of a job with `ready`. */
export type SeenReadiness =
  | { readonly readyTime: number }
  | { readonly waiting: readonly WaitingPort[] }

/** A port that has not answered yet. */
export interface WaitingPort {
  /** Its index in `exposedPorts`. */
  readonly index: number
  /**
   * Why not: a clause without a period at its end. Undefined while no look at the port has ended after its time was
   * over: the job is not late until then, and the plugin calls `changed` when it knows.
   */
  readonly problem?: string | undefined
}

type ReadinessFields = Pick<Job, 'submission' | 'readyTime' | 'intent' | 'reason' | 'message'>

/** Whether the job has ports with `ready`, has not been ready yet, and was not asked to end. */
export function mayBecomeReady ({ submission, readyTime, intent }: ReadinessFields): boolean {
  const isEnding = intent !== undefined && intent.operation !== 'cancel'
  return readyTime === undefined && !isEnding && saysWhenReady(submission.exposedPorts)
}

/**
 * What a running job's observation says. A job that was ready once says no more. `seen` and `sinceStartMs` are called
 * only for a job that can still become ready.
 */
export function readinessOf (
  job: ReadinessFields, seen: () => SeenReadiness, sinceStartMs: () => number
): Pick<ActiveObservation, 'readyTime' | 'reason' | 'message' | 'requeueAfterMs'> {
  if (!mayBecomeReady(job)) return {}
  const { exposedPorts } = job.submission
  const now = seen()
  if ('readyTime' in now) return { readyTime: now.readyTime }
  const sinceMs = sinceStartMs()
  const left = now.waiting.map(port => ({ ...port, leftMs: readyTimeoutMs(exposedPorts, port.index) - sinceMs }))
  const over = left.filter(({ leftMs }) => leftMs <= 0)
  for (const { index, problem } of over) {
    if (problem !== undefined) return { reason: 'NotReady', message: notReady(exposedPorts, index, problem) }
  }
  const nextMs = Math.min(...left.map(({ leftMs }) => leftMs).filter(leftMs => leftMs > 0))
  return { ...(over.length > 0 && knownLate(job)), ...(nextMs < Infinity && { requeueAfterMs: nextMs }) }
}

/** The reason and message of a job that was found to be late. */
export function knownLate (
  { reason, message }: Pick<Job, 'reason' | 'message'>
): Pick<ActiveObservation, 'reason' | 'message'> {
  return reason === 'NotReady' ? { reason, ...(message !== undefined && { message }) } : {}
}

/** Milliseconds from the start of the program until the port is late. */
export function readyTimeoutMs (exposedPorts: JobSubmission['exposedPorts'], index: number): number {
  return (exposedPorts?.[index]?.ready?.timeoutSeconds ?? READY_TIMEOUT_SECONDS) * 1000
}

function notReady (exposedPorts: JobSubmission['exposedPorts'], index: number, problem: string): string {
  const seconds = readyTimeoutMs(exposedPorts, index) / 1000
  return `The program was not ready ${seconds} s after its start (exposedPorts[${index}].ready): ${problem}. ` +
    'It runs on, and may still become ready.'
}
