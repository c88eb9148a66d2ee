// Distinguishes the pod that ran, or is to run, a job's program from pods that must not run it again.

import type { Job } from '../../../launcher/plugin.ts'
import { CONTROLLERS } from '../cache/managed-fields.ts'
import { contentOf, isTerminal, startOf, type TrackedPod } from '../cache/tracked-pod.ts'

export interface FirstPod {
  /** The job's first pod. Undefined if none was observed, or if it disappeared unobserved and another replaced it. */
  readonly firstPod: TrackedPod | undefined
  /** A pod that the Job controller created runs the program a second time, or may soon. */
  readonly hasSecondPod: boolean
}

/** Tolerance between the stored start time and that of the first pod, because times have whole seconds. */
const CLOCK_TOLERANCE_MS = 1000

export function firstPodOf (job: Job, pods: readonly TrackedPod[]): FirstPod {
  const [first, ...others] = byCreation(pods)
  if (first === undefined) return { firstPod: undefined, hasSecondPod: false }
  if (isSecond(first, job.startTime)) return { firstPod: undefined, hasSecondPod: [first, ...others].some(mayRun) }
  return { firstPod: first, hasSecondPod: others.some(pod => mayRun(pod) && !isCopyOf(first, pod)) }
}

/**
 * Whether another client than the one of the first pod, which is the Job controller, created the pod. The Job
 * controller deletes such a pod, because it is one too many: it says nothing about the job.
 */
export function isCopyOf (first: TrackedPod, { uid, createdBy }: TrackedPod): boolean {
  return uid !== first.uid && first.createdBy !== undefined && createdBy !== undefined && createdBy !== first.createdBy
}

/**
 * Sorts the pods by creation. The first one is to run the program. Times have whole seconds: of pods of one second, the
 * first is one that the Job controller created. Of these it is one that was deleted before its program started, because
 * the Job controller replaces only such a pod at once, or else the one whose program started first.
 */
export function byCreation (pods: readonly TrackedPod[]): TrackedPod[] {
  return [...pods].sort((a, b) =>
    compare(a.createdAt, b.createdAt) ||
    compare(isCopy(a), isCopy(b)) ||
    compare(replacedAt(a), replacedAt(b)) ||
    compare(startOf(a) ?? Infinity, startOf(b) ?? Infinity) ||
    compare(a.uid, b.uid))
}

function compare<T> (a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function isCopy ({ createdBy }: TrackedPod): boolean {
  return createdBy !== undefined && !CONTROLLERS.has(createdBy)
}

/** A pod that is gone was deleted before one that is not. */
function replacedAt (pod: TrackedPod): number {
  if (startOf(pod) !== undefined || !CONTROLLERS.has(pod.createdBy ?? '')) return Infinity
  return pod.gone ? 0 : pod.deletedAt ?? Infinity
}

/** Whether the pod runs the program, or may still start it. */
export function mayRun (pod: TrackedPod): boolean {
  return !pod.gone && !isTerminal(pod)
}

/**
 * The first pod may have disappeared while no launcher ran: a pod that starts later, or has not started yet, is
 * another.
 */
function isSecond (pod: TrackedPod, startTime: number | undefined): boolean {
  if (startTime === undefined) return false
  const { running, terminated } = contentOf(pod) ?? {}
  const startedAt = running?.startedAt ?? terminated?.startedAt
  if (startedAt !== undefined && startedAt > 0) return Math.abs(startedAt - startTime) > CLOCK_TOLERANCE_MS
  return pod.phase === 'Pending' && terminated === undefined
}
