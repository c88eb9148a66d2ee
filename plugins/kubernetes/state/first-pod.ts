// Tells the pod that ran, or is to run, a job's program from pods that must not run it again.

import type { Job } from '../../../launcher/plugin.ts'
import { contentOf, isOver, type PodSight } from '../cache/tracked-pod.ts'

export interface Runs {
  /** The job's first pod. Undefined when none was seen, or when it went away unseen and another took its place. */
  readonly run: PodSight | undefined
  /** There is, or may soon be, a pod that runs the program a second time. */
  readonly again: boolean
}

/** The start as it was stored is that of the first run; times have whole seconds. */
const CLOCK_MS = 1000

export function runsOf (job: Job, pods: readonly PodSight[]): Runs {
  const [first, ...others] = inOrder(pods)
  if (first === undefined) return { run: undefined, again: false }
  if (isSecond(first, job.startTime)) return { run: undefined, again: [first, ...others].some(mayRun) }
  return { run: first, again: others.some(mayRun) }
}

/** The first is the one that is to run the program. */
export function inOrder (pods: readonly PodSight[]): PodSight[] {
  return [...pods].sort((a, b) => a.createdAt - b.createdAt || (a.uid < b.uid ? -1 : 1))
}

/** Whether the pod runs the program, or may still begin to. */
export function mayRun (pod: PodSight): boolean {
  return !pod.gone && !isOver(pod)
}

/** After a restart the first pod may have gone unseen: what then starts later, or has not started yet, is another. */
function isSecond (pod: PodSight, startTime: number | undefined): boolean {
  if (startTime === undefined) return false
  const { running, terminated } = contentOf(pod) ?? {}
  const startedAt = running?.startedAt ?? terminated?.startedAt
  if (startedAt !== undefined && startedAt > 0) return Math.abs(startedAt - startTime) > CLOCK_MS
  return pod.phase === 'Pending' && terminated === undefined
}
