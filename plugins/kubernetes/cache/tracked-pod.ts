// What is known of a pod from all that was seen of it: once its program is over, nothing that follows changes how it
// ended.

import { type ContainerView, type PodView } from './views.ts'
import { CONTENT } from '../metadata/names.ts'

/** The last view of a pod that still says something, with what later views do not repeat. */
export interface TrackedPod extends PodView {
  /** It is no longer in the cluster. */
  readonly gone: boolean
  /** Its deletion came while its program ran, or before it could start. */
  readonly deletedWhileRunning: boolean
  /** What the registry or the node last answered to a pull. Kubernetes shows it only now and then. */
  readonly pullAnswer?: string
  /**
   * When the program started. A node may forget it: a kubelet of 1.20 removes the container of a deleted pod before it
   * has told how that ended.
   */
  readonly programStartedAt?: number
}

export type Terminated = NonNullable<ContainerView['terminated']>

/** Exit codes of a program that SIGTERM or SIGKILL ended. */
const ENDED_BY_SIGNAL = [143, 137]

/** Takes in a new view of a pod. `before` is what was known of the same pod, if anything. */
export function trackPod (before: TrackedPod | undefined, view: PodView): TrackedPod {
  if (before !== undefined && isTerminal(before)) {
    return { ...before, phase: view.phase, resourceVersion: view.resourceVersion }
  }
  const pullAnswer = pullAnswerOf(view) ?? before?.pullAnswer
  const programStartedAt = startOf(view) ?? before?.programStartedAt
  return {
    ...view,
    gone: false,
    deletedWhileRunning:
      view.deletedAt !== undefined &&
      (before?.deletedWhileRunning === true || !isTerminal(view) || endedByDeletion(view, view.deletedAt)),
    ...(pullAnswer !== undefined && { pullAnswer }),
    ...(programStartedAt !== undefined && { programStartedAt })
  }
}

/** The pod is no longer there. `last` is its last view, where the news of its end had one. */
export function markGone (before: TrackedPod | undefined, last?: PodView): TrackedPod | undefined {
  const known = last === undefined ? before : trackPod(before, last)
  return known && { ...known, gone: true }
}

/** Whether the job's program has ended, or will never start. */
export function isTerminal (pod: PodView): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed' || terminatedOf(pod) !== undefined
}

/** How the job's own container ended. */
export function terminatedOf (pod: PodView): Terminated | undefined {
  return contentOf(pod)?.terminated
}

export function contentOf (pod: PodView): ContainerView | undefined {
  return pod.containers.find(({ name }) => name === CONTENT)
}

/** When the program started, in milliseconds since 1970; undefined when it never did. */
export function startOf (pod: PodView & Pick<TrackedPod, 'programStartedAt'>): number | undefined {
  const { running, terminated } = contentOf(pod) ?? {}
  if (running !== undefined) return running.startedAt ?? pod.startedAt ?? pod.createdAt
  // A program that could not be started has a start in 1970.
  return terminated?.startedAt || pod.programStartedAt
}

/** Times have whole seconds, so that within one second only the exit code tells which came first. */
function endedByDeletion (view: PodView, deletedAt: number): boolean {
  const terminated = terminatedOf(view)
  // Where no program ended, a deletion is the cause unless the node names another.
  if (terminated === undefined) return view.phase === 'Failed' && view.reason === undefined
  const askedAt = deletedAt - (view.deletionGraceMs ?? 0)
  const finishedAt = terminated.finishedAt ?? askedAt
  return finishedAt > askedAt || (finishedAt === askedAt && ENDED_BY_SIGNAL.includes(terminated.exitCode))
}

function pullAnswerOf ({ containers, initContainers }: PodView): string | undefined {
  return [...initContainers, ...containers].find(({ waiting }) => waiting?.reason === 'ErrImagePull')?.waiting?.message
}

/** Whether the job's program runs now, as far as is known. */
export function isRunning (pod: TrackedPod | undefined): boolean {
  return pod !== undefined && !pod.gone && contentOf(pod)?.running !== undefined
}
