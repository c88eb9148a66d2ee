// Combines all observed views of a pod. After its program has terminated, later views do not change how it ended.

import { type ContainerView, type PodView } from './views.ts'
import { CONTENT } from '../metadata/names.ts'
import { scriptFailure } from '../metadata/script-message.ts'

/** The last informative view of a pod, with the facts that later views do not repeat. */
export interface TrackedPod extends PodView {
  /** The pod no longer exists in the cluster. */
  readonly gone: boolean
  /** The pod was deleted while its program ran, or before it could start. */
  readonly deletedWhileRunning: boolean
  /** The last answer of the registry or the node to a pull. Kubernetes shows it only some of the time. */
  readonly pullAnswer?: string
  /**
   * When the program started. A node may forget it: kubelets removed the container of a deleted pod before they had
   * reported how it ended. That was seen with 1.20, and in none of 96 pods with 1.37.
   */
  readonly programStartedAt?: number
}

export type Terminated = NonNullable<ContainerView['terminated']>

/** Exit codes of a program that SIGTERM or SIGKILL terminated. */
const TERMINATION_SIGNAL_CODES = [143, 137]

/** Adds a new view of a pod. `before` is the tracked state of the same pod, if any. */
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
      (before?.deletedWhileRunning === true || !isTerminal(view) || terminatedByDeletion(view, view.deletedAt)),
    ...(pullAnswer !== undefined && { pullAnswer }),
    ...(programStartedAt !== undefined && { programStartedAt })
  }
}

/** Marks the pod as gone. `last` is its last view, if the deletion event had one. */
export function markGone (before: TrackedPod | undefined, last?: PodView): TrackedPod | undefined {
  const known = last === undefined ? before : trackPod(before, last)
  return known && { ...known, gone: true }
}

/** Whether the job's program has terminated, or will never start. */
export function isTerminal (pod: PodView): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed' || terminatedOf(pod) !== undefined
}

/** The terminated state of the job's own container. */
export function terminatedOf (pod: PodView): Terminated | undefined {
  return contentOf(pod)?.terminated
}

export function contentOf (pod: PodView): ContainerView | undefined {
  return pod.containers.find(({ name }) => name === CONTENT)
}

/**
 * When the program started, in milliseconds since 1970. Undefined if it never did, even if the container that was to
 * run it did.
 */
export function startOf (pod: PodView & Pick<TrackedPod, 'programStartedAt'>): number | undefined {
  const { running, terminated } = contentOf(pod) ?? {}
  if (scriptFailure(terminated?.message) !== undefined) return undefined
  if (running !== undefined) return running.startedAt ?? pod.startedAt ?? pod.createdAt
  // A program that could not be started has a start time in 1970.
  return terminated?.startedAt || pod.programStartedAt
}

/**
 * Whether the node had no container of the job when the pod was terminated, and none was ever seen to run. The node
 * reports exit code 137 then, for example if it could not pull the image, and there is no log.
 */
export function hasNoContainer (pod: TrackedPod): boolean {
  return startOf(pod) === undefined && terminatedOf(pod)?.reason === 'ContainerStatusUnknown'
}

/**
 * Whether the pod was deleted before it had a node, so that it never runs: Kubernetes binds no pod to a node that is
 * being deleted.
 */
export function hadNoNode ({ deletedAt, node }: PodView): boolean {
  return deletedAt !== undefined && node === undefined
}

/** Times have whole seconds, so within one second only the exit code shows which came first. */
function terminatedByDeletion (view: PodView, deletedAt: number): boolean {
  const terminated = terminatedOf(view)
  // If no program terminated, the deletion is the cause unless the node gives another.
  if (terminated === undefined) return view.phase === 'Failed' && view.reason === undefined
  const requestedAt = deletedAt - (view.deletionGraceMs ?? 0)
  const finishedAt = terminated.finishedAt ?? requestedAt
  return (
    finishedAt > requestedAt || (finishedAt === requestedAt && TERMINATION_SIGNAL_CODES.includes(terminated.exitCode))
  )
}

function pullAnswerOf ({ containers, initContainers }: PodView): string | undefined {
  return [...initContainers, ...containers].find(({ waiting }) => waiting?.reason === 'ErrImagePull')?.waiting?.message
}

/** Whether the job's program is running, according to the last view. */
export function isRunning (pod: TrackedPod | undefined): boolean {
  return pod !== undefined && !pod.gone && contentOf(pod)?.running !== undefined
}
