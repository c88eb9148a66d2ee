// Tells the pod that ran, or is to run, a job's program from pods that must not run it again.

import type { Job } from '../../../launcher/plugin.ts'
import { contentOf, isTerminal, type TrackedPod } from '../cache/tracked-pod.ts'

export interface FirstPod {
  /** The job's first pod. Undefined when none was seen, or when it went away unseen and another took its place. */
  readonly firstPod: TrackedPod | undefined
  /** There is, or may soon be, a pod that runs the program a second time. */
  readonly hasSecondPod: boolean
}

/** The start as it was stored is that of the first run; times have whole seconds. */
const CLOCK_MS = 1000

export function firstPodOf (job: Job, pods: readonly TrackedPod[]): FirstPod {
  const [first, ...others] = inOrder(pods)
  if (first === undefined) return { firstPod: undefined, hasSecondPod: false }
  if (isSecond(first, job.startTime)) return { firstPod: undefined, hasSecondPod: [first, ...others].some(mayRun) }
  return { firstPod: first, hasSecondPod: others.some(mayRun) }
}

/** The first is the one that is to run the program. */
export function inOrder (pods: readonly TrackedPod[]): TrackedPod[] {
  return [...pods].sort((a, b) => a.createdAt - b.createdAt || (a.uid < b.uid ? -1 : 1))
}

/** Whether the pod runs the program, or may still begin to. */
export function mayRun (pod: TrackedPod): boolean {
  return !pod.gone && !isTerminal(pod)
}

/** After a restart the first pod may have gone unseen: what then starts later, or has not started yet, is another. */
function isSecond (pod: TrackedPod, startTime: number | undefined): boolean {
  if (startTime === undefined) return false
  const { running, terminated } = contentOf(pod) ?? {}
  const startedAt = running?.startedAt ?? terminated?.startedAt
  if (startedAt !== undefined && startedAt > 0) return Math.abs(startedAt - startTime) > CLOCK_MS
  return pod.phase === 'Pending' && terminated === undefined
}
