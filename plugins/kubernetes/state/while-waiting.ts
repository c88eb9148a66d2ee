// Evaluates a job whose program has not started: why it waits, and for how long it may. Pure.

import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { JobView } from '../cache/views.ts'
import { checkDeadlines } from './deadlines.ts'
import { ended, REQUEUE_MS } from './observed.ts'
import { runningStep, type Waiting } from './pending-reason.ts'
import type { Evaluation, Snapshot } from './snapshot.ts'

/** After this time of waiting without a reason, events are read. */
const READ_EVENTS_AFTER_MS = 5000
/** After this time, the events of an object show why it cannot start. Creation times have whole seconds. */
const EVENT_LAG_MS = 2000
/** How long an outcome waits for these events. */
const EVENT_PATIENCE_MS = 4000
export const READ_EVENTS_INTERVAL_MS = 10_000

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
  // container that its node rejects.
  const unexplained =
    pod === undefined
      ? jobView.suspended === true ? undefined : jobView
      : pod.node !== undefined && deadline === undefined && runningStep(pod) === undefined
        ? pod
        : undefined
  const pending = { state: 'pending', message, ...(reason !== undefined && { reason }) } as const
  // The outcome is to say why the job did not start, so the events are read before it is decided.
  if (unexplained !== undefined && events === undefined && ('outcome' in deadlineCheck || startOverdue)) {
    return {
      observation: { ...pending, requeueAfterMs: REQUEUE_MS },
      eventsFor: { uid: unexplained.uid, since: unexplained.createdAt + EVENT_LAG_MS, patienceMs: EVENT_PATIENCE_MS }
    }
  }
  if ('outcome' in deadlineCheck) {
    return { observation: ended(deadlineCheck.outcome, pod), action: { kind: 'end', outcome: deadlineCheck.outcome } }
  }
  const since = unexplained === undefined ? Infinity : unexplained.createdAt + READ_EVENTS_AFTER_MS
  const untilEventsMs = since > now ? since - now : newerEventsInMs ?? READ_EVENTS_INTERVAL_MS
  const requeueAfterMs = Math.min(deadlineCheck.requeueAfterMs, Math.max(untilEventsMs, REQUEUE_MS))
  return {
    observation: { ...pending, requeueAfterMs },
    ...(unexplained !== undefined && since <= now && { eventsFor: { uid: unexplained.uid, since } })
  }
}
