// Decides what is true of one job from what was seen of its Job and its pods, and what must be done about it. Pure and
// total.

import {
  isEnded,
  stopGraceMs,
  type Intent,
  type Job,
  type Observation,
  type Outcome
} from '../../../launcher/plugin.ts'
import { checkDeadlines, type Deadlines } from './deadlines.ts'
import { runningStep, waitingForPod, waitingOf, type Waiting } from './pending-reason.ts'
import { isTerminal, startOf, terminatedOf, type TrackedPod } from '../cache/tracked-pod.ts'
import { firstPodOf } from './first-pod.ts'
import { requestedOperationOf, hasStarted, nodeLost, ofVanishedPod, outcomeOf } from './outcome.ts'
import { type EventView, type JobView, isLive } from '../cache/views.ts'
import { CONTENT } from '../metadata/names.ts'

/** Everything that is judged. */
export interface Snapshot {
  readonly job: Job
  readonly jobView: JobView | undefined
  /** Every pod of the job that was seen since this launcher runs, those that are gone included; in any order. */
  readonly pods: readonly TrackedPod[]
  /** The views are complete and fresh: what is not there does not exist, and the clock may be held against what is. */
  readonly synced: boolean
  /** `findPods` was done since the Job showed this: there is no pod that may run the program but `pods`. */
  readonly relisted: boolean
  /**
   * Where that is certain: there is output of the job. A launcher that was killed may have read it, and told of nothing
   * else.
   */
  readonly hasOutput: boolean
  /** Events of the object that an earlier sight named in `eventsOf`, the newest last; otherwise none. */
  readonly events: readonly EventView[]
  readonly deadlines: Deadlines
  /** The API server's time, which the times of its objects are of. */
  readonly now: number
  /** Milliseconds since the job was asked to end; Infinity when nobody knows that it was. */
  readonly sinceRequestedMs: number
}

/** To be carried out before the observation is handed on; when that fails, the observation is void and made again. */
export type Action =
  /** Patch the Job with `endPatch` of this act: nothing of it runs any more, and what was decided is kept. */
  | { readonly kind: 'end', readonly intent?: Intent, readonly outcome?: Outcome }
  /** Delete the pods of these names without a grace. */
  | { readonly kind: 'deletePods', readonly pods: readonly string[] }
  /**
   * The program is over and other containers of its pod are not: patch as for `end`, once all output is kept. The pod
   * goes then, and what it showed with it.
   */
  | { readonly kind: 'endSidecars', readonly outcome: Outcome }

export interface Evaluation {
  readonly observation: Observation
  readonly action?: Action
  /** uid of the object whose events would say more of why the job waits. */
  readonly eventsFor?: string
  /** All depends on a pod of which nobody has heard, or of whose end nobody has. */
  readonly needsRelist?: true
}

/** How long a node may take to tell that a pod which was deleted has ended, its grace over. */
const NODE_ANSWERS_MS = 30_000
/** How long the news of a pod may come after that of its Job. */
const POD_NEWS_MS = 30_000
/**
 * How long a kill waits for the node, which knows the exit code and the last output, before the pod is removed without
 * it, and a cancel, because a node may keep a pod whose image it cannot pull for as long as any other.
 */
const FORCE_MS = 10_000
/** Waiting that lasts longer than this is looked into. */
const LOOK_INTO_MS = 5000
const LOOK_INTO_AGAIN_MS = 10_000
const AGAIN_MS = 1000
/** How long a Job controller may go on with what it read of a Job that has changed since. */
const STALE_MS = 1000

export function evaluate (snapshot: Snapshot): Evaluation {
  const { job, jobView, pods } = snapshot
  const { firstPod, hasSecondPod } = firstPodOf(job, pods)
  if (jobView?.outcome !== undefined) return { observation: ended(jobView.outcome, firstPod) }
  if (jobView === undefined) return withoutJob(snapshot, firstPod)
  if (jobView.paused && pods.length === 0) return { observation: { state: 'unclaimed' } }
  if (firstPod === undefined) {
    return pods.length === 0
      ? withoutPod(snapshot, jobView)
      : concluded(job, jobView, ofVanishedPod(job, jobView, undefined))
  }
  const outcome = outcomeOf(job, jobView, firstPod)
  if (outcome === undefined) return unfinished(snapshot, jobView, firstPod, hasSecondPod)
  if (firstPod.gone && !isTerminal(firstPod)) return concluded(job, jobView, outcome, firstPod)
  const observation = ended(outcome, firstPod)
  if (jobView.parallelism === 0 || !isLive(jobView)) return { observation }
  if (hasSecondPod) return { observation, action: { kind: 'end' } }
  return hasSidecars(firstPod) ? { observation, action: { kind: 'endSidecars', outcome } } : { observation }
}

/** The Job is not there. */
function withoutJob ({ job, pods, synced, relisted, now }: Snapshot, firstPod: TrackedPod | undefined): Evaluation {
  // A job that no start got through is started again: a start takes up what an earlier one left.
  if (!synced) {
    return {
      observation:
        job.submittedToBackend || job.intent !== undefined || pods.length > 0 ? unchanged(job) : { state: 'absent' }
    }
  }
  if (pods.length === 0 || isEnded(job.status)) return { observation: { state: 'absent' } }
  if (firstPod === undefined) return { observation: ended(ofVanishedPod(job, undefined, undefined)) }
  const overdue = isOverdue(firstPod, now)
  const outcome =
    outcomeOf(job, undefined, firstPod) ??
    (overdue && relisted ? nodeLost(firstPod, job.intent !== undefined) : undefined)
  if (outcome !== undefined) return { observation: ended(outcome, firstPod) }
  return {
    observation: active(firstPod, { message: 'Somebody deleted the job in the cluster.' }, AGAIN_MS),
    ...(overdue && { needsRelist: true })
  }
}

/** The Job is there, and no pod of it was ever seen. */
function withoutPod (snapshot: Snapshot, jobView: JobView): Evaluation {
  const { job, synced, relisted, hasOutput, events, now, sinceRequestedMs } = snapshot
  if (!synced) return { observation: unchanged(job) }
  const { intent } = job
  const finished = jobView.conditions.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True'
  )
  if (finished !== undefined) {
    const untilNews = (finished.at ?? jobView.createdAt) + POD_NEWS_MS - now
    if (untilNews > 0) return { observation: unchanged(job, untilNews) }
    return relisted
      ? { observation: ended(ofVanishedPod(job, jobView, undefined, hasOutput)) }
      : { observation: unchanged(job), needsRelist: true }
  }
  if (intent !== undefined && intent.operation !== jobView.requestedOperation && isLive(jobView)) {
    return { observation: unchanged(job), action: { kind: 'end', intent } }
  }
  if (jobView.parallelism === 0 || jobView.deletedAt !== undefined || job.startTime !== undefined) {
    // The Job controller may have made a pod just before, of which the news is still to come.
    if (jobView.active > 0 && isLive(jobView)) return { observation: unchanged(job) }
    const outcome = ofVanishedPod(job, jobView, undefined, hasOutput)
    if (!relisted) {
      // Where pods need no pass, one that is made late can start.
      const left = outcome.status === 'Canceled' && jobView.pass === undefined ? STALE_MS - sinceRequestedMs : 0
      return left > 0 ? { observation: unchanged(job, left) } : { observation: unchanged(job), needsRelist: true }
    }
    return concluded(job, jobView, outcome)
  }
  return whileWaiting(snapshot, jobView, undefined, waitingForPod(events))
}

/** The run's pod is there and its program has not ended. */
function unfinished (snapshot: Snapshot, jobView: JobView, firstPod: TrackedPod, hasSecondPod: boolean): Evaluation {
  const { job, synced, relisted, events, now, sinceRequestedMs } = snapshot
  const { intent } = job
  const started = hasStarted(job, firstPod)
  const requested = requestedOperationOf(job, jobView, firstPod)
  const overdue = synced && isOverdue(firstPod, now)
  if (overdue && (requested === undefined || requested === 'stop')) {
    // The news of its end may hang in a watch that is half-open.
    if (!relisted) return { observation: active(firstPod, { message: undefined }, AGAIN_MS), needsRelist: true }
    return concluded(job, jobView, nodeLost(firstPod, requested !== undefined), firstPod)
  }
  if (isLive(jobView)) {
    const unheard =
      intent !== undefined &&
      intent.operation !== jobView.requestedOperation &&
      !(intent.operation === 'cancel' && started)
    if (unheard) {
      return { observation: active(firstPod, { message: undefined }, AGAIN_MS), action: { kind: 'end', intent } }
    }
    if (jobView.parallelism !== 0 && (hasSecondPod || (firstPod.deletedWhileRunning && requested === undefined))) {
      return { observation: active(firstPod, deletedByOthers(firstPod), AGAIN_MS), action: { kind: 'end' } }
    }
  }
  const canceled = requested === 'cancel' && !started
  if (requested === 'kill' || canceled) {
    const left = FORCE_MS - sinceRequestedMs
    const observation = active(
      firstPod,
      { message: canceled ? 'The job is being canceled.' : undefined },
      Math.max(left, AGAIN_MS)
    )
    return left <= 0 ? { observation, action: { kind: 'deletePods', pods: [firstPod.name] } } : { observation }
  }
  if (requested !== undefined || firstPod.deletedWhileRunning) {
    return {
      observation: active(
        firstPod,
        requested === undefined ? deletedByOthers(firstPod) : { message: undefined },
        untilOverdue(firstPod, now, job)
      )
    }
  }
  if (started) return { observation: active(firstPod, { message: undefined }) }
  return whileWaiting(snapshot, jobView, firstPod, waitingOf(firstPod, job.submission, events, jobView.pass))
}

function whileWaiting (
  { deadlines, synced, now }: Snapshot,
  jobView: JobView,
  pod: TrackedPod | undefined,
  waiting: Waiting
): Evaluation {
  const judged = synced
    ? checkDeadlines(waiting, { takenAt: jobView.createdAt, pod, deadlines, now })
    : { requeueAfterMs: AGAIN_MS }
  if ('outcome' in judged) {
    return { observation: ended(judged.outcome, pod), action: { kind: 'end', outcome: judged.outcome } }
  }
  const { reason, message, deadline } = waiting
  // A pod without a node, or with a step that runs or a container that its node refuses, says itself why it waits.
  const silent =
    pod === undefined
      ? jobView
      : pod.node !== undefined && deadline === undefined && runningStep(pod) === undefined
        ? pod
        : undefined
  const untilLook = silent === undefined ? Infinity : silent.createdAt + LOOK_INTO_MS - now
  const requeueAfterMs = Math.min(judged.requeueAfterMs, untilLook > 0 ? untilLook : LOOK_INTO_AGAIN_MS)
  return {
    observation: { state: 'pending', message, requeueAfterMs, ...(reason !== undefined && { reason }) },
    ...(silent !== undefined && untilLook <= 0 && { eventsFor: silent.uid })
  }
}

/**
 * A verdict that no pod shows: what may still run is ended, and what nobody asked for stands on the Job, whatever is
 * seen later.
 */
function concluded (job: Job, jobView: JobView, outcome: Outcome, firstPod?: TrackedPod): Evaluation {
  const { intent } = job
  const observation = ended(outcome, firstPod)
  const live = isLive(jobView)
  // A node that answers after all would say something else.
  if (outcome.reason === 'NodeLost' || (live && requestedOperationOf(job, jobView, firstPod) === undefined)) {
    return { observation, action: { kind: 'end', outcome } }
  }
  return jobView.parallelism === 0 || !live
    ? { observation }
    : { observation, action: { kind: 'end', ...(intent && { intent }) } }
}

function active (
  firstPod: TrackedPod,
  { message }: { message: string | undefined },
  requeueAfterMs?: number
): Observation {
  const rest = { ...(message !== undefined && { message }), ...(requeueAfterMs !== undefined && { requeueAfterMs }) }
  const startTime = startOf(firstPod)
  if (startTime === undefined) return { state: 'pending', ...rest }
  return { state: 'running', startTime, ...(firstPod.node !== undefined && { host: firstPod.node }), ...rest }
}

/** Nothing new is known. */
function unchanged (
  { status, startTime, submissionTime, reason, message }: Job,
  requeueAfterMs: number = AGAIN_MS
): Observation {
  const rest = { requeueAfterMs, ...(message !== undefined && { message }) }
  if (status !== 'Pending') return { state: 'running', startTime: startTime ?? submissionTime, ...rest }
  return { state: 'pending', ...(reason !== undefined && { reason }), ...rest }
}

function ended (outcome: Outcome, firstPod?: TrackedPod): Observation {
  const startTime = firstPod && startOf(firstPod)
  const endTime = firstPod && terminatedOf(firstPod)?.finishedAt
  return {
    state: 'ended',
    outcome,
    ...(startTime !== undefined && { startTime }),
    ...(endTime !== undefined && { endTime })
  }
}

/** One that never starts, because its image cannot be pulled, keeps the pod as much as one that never ends. */
function hasSidecars ({ gone, phase, containers }: TrackedPod): boolean {
  return (
    !gone &&
    phase !== 'Succeeded' &&
    phase !== 'Failed' &&
    containers.some(({ name, terminated }) => name !== CONTENT && terminated === undefined)
  )
}

function isOverdue ({ deletedAt }: TrackedPod, now: number): boolean {
  return deletedAt !== undefined && deletedAt + NODE_ANSWERS_MS <= now
}

function untilOverdue ({ deletedAt }: TrackedPod, now: number, job: Job): number {
  const due = (deletedAt ?? now + stopGraceMs(job)) + NODE_ANSWERS_MS
  return Math.max(due - now, AGAIN_MS)
}

function deletedByOthers ({ deletedWhileRunning }: TrackedPod): { message: string } {
  return {
    message: deletedWhileRunning
      ? 'Somebody is deleting the job in the cluster; it is not run again.'
      : 'The cluster made a second pod for the job; it is ended, because a job runs once.'
  }
}
