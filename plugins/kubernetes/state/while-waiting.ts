// Evaluates a job whose program has not started: why it waits, and for how long it may. Pure.

import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { JobView } from '../cache/views.ts'
import { checkDeadlines } from './deadlines.ts'
import { ended, REQUEUE_MS } from './observed.ts'
import { untilNoSchedulerMs } from './no-scheduler.ts'
import { runningStep } from './pending-reason.ts'
import { mayLackPullSecret } from './pull-secret.ts'
import type { Evaluation, Snapshot } from './snapshot.ts'
import type { Waiting } from './waiting.ts'

/** After this time of waiting without a reason, events are read. */
const READ_EVENTS_AFTER_MS = 5000
/** How old the events of an outcome may be. */
const EVENT_AGE_MS = 1000
export const READ_EVENTS_INTERVAL_MS = 10_000
/** Events are read again after this part of the time that the object has waited: a busy cluster writes them late. */
const READ_EVENTS_AGAIN_AFTER = 0.25

export function whileWaiting (
  { deadlines, synced, events, newerEventsInMs, startOverdue = false, now }: Snapshot,
  jobView: JobView,
  pod: TrackedPod | undefined,
  waiting: Waiting
): Evaluation {
  const deadlineCheck = synced
    ? checkDeadlines(waiting, { takenAt: jobView.createdAt, pod, deadlines, now })
    : { requeueAfterMs: REQUEUE_MS }
  const { reason, message, deadline } = waiting
  // A suspended Job shows by itself why it waits. So does a pod without a node, with a running step, or with a
  // container that its node rejects, unless a secret for the pull may be missing.
  const unexplained =
    pod === undefined
      ? jobView.suspended === true ? undefined : jobView
      : pod.node !== undefined && (deadline === undefined || mayLackPullSecret(waiting, pod)) &&
        runningStep(pod) === undefined
        ? pod
        : undefined
  const pending = { state: 'pending', message, ...(reason !== undefined && { reason }) } as const
  // The outcome is to say why the job did not start, so the events are read before it is decided.
  if (unexplained !== undefined && events === undefined && ('outcome' in deadlineCheck || startOverdue)) {
    // Creation times have whole seconds.
    const since = Math.max(unexplained.createdAt + 2 * EVENT_AGE_MS, now - EVENT_AGE_MS)
    return {
      observation: { ...pending, requeueAfterMs: REQUEUE_MS },
      eventsFor: { uid: unexplained.uid, since, urgent: true }
    }
  }
  if ('outcome' in deadlineCheck) {
    return { observation: ended(deadlineCheck.outcome, pod), action: { kind: 'end', outcome: deadlineCheck.outcome } }
  }
  if (unexplained === undefined) {
    const untilMs = pod === undefined || reason === 'NoScheduler' ? Infinity : untilNoSchedulerMs(pod, now)
    return { observation: { ...pending, requeueAfterMs: Math.min(deadlineCheck.requeueAfterMs, untilMs) } }
  }
  const waitedMs = now - unexplained.createdAt
  const intervalMs = reason === undefined
    ? Math.min(waitedMs * READ_EVENTS_AGAIN_AFTER, READ_EVENTS_INTERVAL_MS)
    : READ_EVENTS_INTERVAL_MS
  const untilFirstMs = READ_EVENTS_AFTER_MS - waitedMs
  const requeueAfterMs = Math.min(
    deadlineCheck.requeueAfterMs,
    Math.max(untilFirstMs > 0 ? untilFirstMs : newerEventsInMs ?? intervalMs, REQUEUE_MS)
  )
  const since = Math.max(unexplained.createdAt + READ_EVENTS_AFTER_MS, now - intervalMs)
  return {
    observation: { ...pending, requeueAfterMs },
    ...(untilFirstMs <= 0 && { eventsFor: { uid: unexplained.uid, since } })
  }
}
