// Evaluates a snapshot of one job: from its Job and pods, decides the job's state and the action to take. Pure and
// total.

import { isEnded, stopGraceMs, type Job, type Outcome } from '../../../launcher/plugin.ts'
import { startTimeout } from '../../../launcher/plugin-kit/outcomes.ts'
import { isTerminal, type TrackedPod } from '../cache/tracked-pod.ts'
import { isLive, type JobView } from '../cache/views.ts'
import { CONTENT } from '../metadata/names.ts'
import { beingDeleted, withCause } from './deletion-cause.ts'
import { firstPodOf } from './first-pod.ts'
import { active, ended, REQUEUE_MS, unchanged } from './observed.ts'
import { noScheduler } from './no-scheduler.ts'
import { requestedOperationOf, hasStarted, nodeLost, ofVanishedPod, outcomeOf } from './outcome.ts'
import { waitingForPod, waitingOf } from './pending-reason.ts'
import { withPullSecret } from './pull-secret.ts'
import type { Evaluation, Snapshot } from './snapshot.ts'
import { suspendedJob } from './suspended-job.ts'
import { endsWithoutNode, missingHost } from './unseen-host.ts'
import { whileRunning } from './while-running.ts'
import { whileWaiting } from './while-waiting.ts'

/** How long a node may take to report the end of a deleted pod, after its grace period. */
const NODE_REPORT_MS = 30_000
/** How long the event of a pod may lag behind that of its Job. */
const POD_EVENT_LAG_MS = 30_000
/**
 * How long a kill waits for the node, which has the exit code and the last output, before the pod is deleted by force.
 * A cancel waits as long, because a node may keep a pod whose image it cannot pull as long as any other.
 */
const FORCE_DELETE_AFTER_MS = 10_000
/** How long a Job controller may act on a stale copy of a Job. */
const STALE_READ_MS = 1000

/** Reasons for which the cluster refuses to start a job. */
const REFUSED_START: ReadonlyArray<string | undefined> = [
  'QuotaExceeded', 'RefusedByCluster', 'ImageVolumeNotSupported'
]

export function evaluate (snapshot: Snapshot): Evaluation {
  const { job, jobView, pods } = snapshot
  const { firstPod, hasSecondPod } = firstPodOf(job, pods)
  if (jobView?.outcome !== undefined) return { observation: ended(jobView.outcome, firstPod) }
  if (jobView === undefined) return withoutJob(snapshot, firstPod)
  if (jobView.paused && pods.length === 0) return notStarted(snapshot, 'created')
  if (firstPod === undefined) {
    return pods.length === 0
      ? withoutPod(snapshot, jobView)
      : conclude(job, jobView, withCause(ofVanishedPod(job, jobView, undefined), { ...snapshot, firstPod }))
  }
  const ownOutcome = outcomeOf(job, jobView, firstPod)
  if (ownOutcome === undefined) return unfinished(snapshot, jobView, firstPod, hasSecondPod)
  const outcome = withCause(ownOutcome, { ...snapshot, firstPod })
  if (firstPod.gone && !isTerminal(firstPod)) return conclude(job, jobView, outcome, firstPod)
  const observation = ended(outcome, firstPod)
  if (jobView.parallelism === 0 || !isLive(jobView)) return { observation }
  if (hasSecondPod) return { observation, action: { kind: 'end' } }
  return hasSidecars(firstPod) ? { observation, action: { kind: 'endSidecars', outcome } } : { observation }
}

/**
 * The core starts the job, or repeats its start. A start that the cluster refuses for a reason ends at the start
 * deadline. It counts from the last change of the job, so a lost contact with the cluster begins it anew.
 */
function notStarted ({ job, synced, deadlines, now }: Snapshot, state: 'absent' | 'created'): Evaluation {
  const { submittedToBackend, status, reason, intent, lastUpdateTime } = job
  const isWaiting = synced && status === 'Pending' && !submittedToBackend && intent === undefined
  const isOverdue = isWaiting && REFUSED_START.includes(reason) && now - lastUpdateTime >= deadlines.startMs
  if (!isOverdue) return { observation: { state } }
  const outcome = startTimeout(`within ${deadlines.startMs / 1000} s after the cluster refused its start`, job)
  return { observation: ended(outcome), ...(state === 'created' && { action: { kind: 'end', outcome } }) }
}

/** The Job does not exist, or is not known yet. */
function withoutJob (snapshot: Snapshot, firstPod: TrackedPod | undefined): Evaluation {
  const { job, pods, synced, relisted, hasOutput, now } = snapshot
  // A job whose start never completed is started again: a start continues what an earlier one left.
  if (!synced) {
    return {
      observation:
        job.submittedToBackend || job.intent !== undefined || pods.length > 0 ? unchanged(job) : { state: 'absent' }
    }
  }
  if (isEnded(job.status)) return { observation: { state: 'absent' } }
  if (pods.length === 0) {
    if (!job.submittedToBackend || snapshot.jobWasDeleted !== true) return notStarted(snapshot, 'absent')
    if (!relisted) return { observation: unchanged(job), needsRelist: true }
    const outcome = ofVanishedPod(job, undefined, undefined, hasOutput)
    return { observation: ended(withCause(outcome, { ...snapshot, firstPod })) }
  }
  if (firstPod === undefined) {
    return { observation: ended(withCause(ofVanishedPod(job, undefined, undefined), { ...snapshot, firstPod })) }
  }
  const overdue = isOverdue(firstPod, now)
  const outcome =
    outcomeOf(job, undefined, firstPod) ??
    (overdue && relisted ? nodeLost(firstPod, job.intent !== undefined) : undefined)
  if (outcome !== undefined) return { observation: ended(withCause(outcome, { ...snapshot, firstPod }), firstPod) }
  return {
    observation: active(firstPod, { message: beingDeleted({ ...snapshot, firstPod }) }, REQUEUE_MS),
    ...(overdue && { needsRelist: true })
  }
}

/** The Job exists, and no pod of it was ever observed. */
function withoutPod (snapshot: Snapshot, jobView: JobView): Evaluation {
  const { job, namespace, synced, relisted, hasOutput, events, now, sinceRequestedMs } = snapshot
  if (!synced) return { observation: unchanged(job) }
  const { intent } = job
  const finished = jobView.conditions.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True'
  )
  if (finished !== undefined) {
    const untilPodEventMs = (finished.at ?? jobView.createdAt) + POD_EVENT_LAG_MS - now
    if (untilPodEventMs > 0) return { observation: unchanged(job, untilPodEventMs) }
    return relisted
      ? { observation: ended(ofVanishedPod(job, jobView, undefined, hasOutput)) }
      : { observation: unchanged(job), needsRelist: true }
  }
  if (intent !== undefined && intent.operation !== jobView.requestedOperation && isLive(jobView)) {
    return { observation: unchanged(job), action: { kind: 'end', intent } }
  }
  if (jobView.parallelism === 0 || jobView.deletedAt !== undefined || job.startTime !== undefined) {
    // The Job controller may have just created a pod whose event has not arrived yet.
    if (jobView.active > 0 && isLive(jobView)) return { observation: unchanged(job) }
    const outcome = withCause(
      ofVanishedPod(job, jobView, undefined, hasOutput),
      { ...snapshot, firstPod: undefined }
    )
    if (!relisted) {
      // A pod that is created late can start.
      const remainingMs = outcome.status === 'Canceled' ? STALE_READ_MS - sinceRequestedMs : 0
      return remainingMs > 0
        ? { observation: unchanged(job, remainingMs) }
        : { observation: unchanged(job), needsRelist: true }
    }
    return conclude(job, jobView, outcome)
  }
  const waiting = suspendedJob(jobView, namespace) ?? waitingForPod(events, namespace, snapshot.levelChanged)
  return whileWaiting(snapshot, jobView, undefined, waiting)
}

/** The first pod exists, and its program has not terminated. */
function unfinished (snapshot: Snapshot, jobView: JobView, firstPod: TrackedPod, hasSecondPod: boolean): Evaluation {
  const { job, synced, relisted, events = [], now, sinceRequestedMs, startOverdue } = snapshot
  const { intent } = job
  const started = hasStarted(job, firstPod)
  const requested = requestedOperationOf(job, jobView, firstPod)
  const overdue = synced && isOverdue(firstPod, now)
  if (overdue && (requested === undefined || requested === 'stop')) {
    // The event of its end may be stuck in a half-open watch.
    if (!relisted) return { observation: active(firstPod, { message: undefined }, REQUEUE_MS), needsRelist: true }
    return conclude(job, jobView, nodeLost(firstPod, requested !== undefined), firstPod)
  }
  // The deletion is why the job did not start in time.
  if (startOverdue === true && !started && requested === undefined && firstPod.deletedWhileRunning) {
    const outcome = ofVanishedPod(job, jobView, firstPod)
    return conclude(job, jobView, withCause(outcome, { ...snapshot, firstPod }), firstPod)
  }
  if (isLive(jobView)) {
    const mustCarryOut =
      intent !== undefined &&
      intent.operation !== jobView.requestedOperation &&
      !(intent.operation === 'cancel' && started)
    if (mustCarryOut) {
      return { observation: active(firstPod, { message: undefined }, REQUEUE_MS), action: { kind: 'end', intent } }
    }
    if (jobView.parallelism !== 0 && (hasSecondPod || (firstPod.deletedWhileRunning && requested === undefined))) {
      return { observation: active(firstPod, endedByOthers(snapshot, firstPod), REQUEUE_MS), action: { kind: 'end' } }
    }
  }
  const canceled = requested === 'cancel' && !started
  if (requested === 'kill' || canceled) {
    const remainingMs = endsWithoutNode(firstPod, snapshot) ? 0 : FORCE_DELETE_AFTER_MS - sinceRequestedMs
    const observation = active(
      firstPod,
      { message: !canceled ? undefined : startOverdue === true ? job.message : 'The job is being canceled.' },
      Math.max(remainingMs, REQUEUE_MS)
    )
    return remainingMs <= 0 ? { observation, action: { kind: 'deletePods', pods: [firstPod.name] } } : { observation }
  }
  if (requested !== undefined || firstPod.deletedWhileRunning) {
    return {
      observation: active(
        firstPod,
        requested === undefined ? endedByOthers(snapshot, firstPod) : { message: undefined },
        untilOverdue(firstPod, now, job)
      )
    }
  }
  if (started) return whileRunning(snapshot, firstPod)
  const waiting = noScheduler(firstPod, snapshot) ?? missingHost(firstPod, snapshot) ??
    withPullSecret(waitingOf(firstPod, job.submission, events, jobView), firstPod, events, snapshot.namespace)
  return whileWaiting(snapshot, jobView, firstPod, waiting)
}

/**
 * Reports an outcome that no pod shows. What may still run is terminated, and an outcome that was not requested is
 * stored on the Job, whatever is observed later.
 */
function conclude (job: Job, jobView: JobView, outcome: Outcome, firstPod?: TrackedPod): Evaluation {
  const { intent } = job
  const observation = ended(outcome, firstPod)
  const live = isLive(jobView)
  // A node that answers later would report another outcome.
  if (outcome.reason === 'NodeLost' || (live && requestedOperationOf(job, jobView, firstPod) === undefined)) {
    return { observation, action: { kind: 'end', outcome } }
  }
  return jobView.parallelism === 0 || !live
    ? { observation }
    : { observation, action: { kind: 'end', ...(intent && { intent }) } }
}

/** A sidecar that never starts, because its image cannot be pulled, keeps the pod as much as one that never ends. */
function hasSidecars ({ gone, phase, containers }: TrackedPod): boolean {
  return (
    !gone &&
    phase !== 'Succeeded' &&
    phase !== 'Failed' &&
    containers.some(({ name, terminated }) => name !== CONTENT && terminated === undefined)
  )
}

function isOverdue ({ deletedAt }: TrackedPod, now: number): boolean {
  return deletedAt !== undefined && deletedAt + NODE_REPORT_MS <= now
}

function untilOverdue ({ deletedAt }: TrackedPod, now: number, job: Job): number {
  const due = (deletedAt ?? now + stopGraceMs(job)) + NODE_REPORT_MS
  return Math.max(due - now, REQUEUE_MS)
}

function endedByOthers (snapshot: Snapshot, firstPod: TrackedPod): { message: string } {
  return {
    message: firstPod.deletedWhileRunning
      ? beingDeleted({ ...snapshot, firstPod })
      : 'The cluster created a second pod for the job; that pod is terminated, because a job runs once.'
  }
}
