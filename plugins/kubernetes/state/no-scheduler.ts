// Explains why a pod waits that no scheduler has looked at: the cluster writes neither a condition nor an event. Pure
// and total.

import type { PodView } from '../cache/views.ts'
import type { Waiting } from './waiting.ts'
import type { Snapshot } from './snapshot.ts'

/** A scheduler looks at a pod within a second, unless it is far behind. */
const SCHEDULER_MS = 30_000

/** Milliseconds until a pod that no scheduler has looked at is said to have none; Infinity for any other pod. */
export function untilNoSchedulerMs (
  { node, conditions, createdAt }: Pick<PodView, 'node' | 'conditions' | 'createdAt'>, now: number
): number {
  const wasSeen = node !== undefined || conditions.some(({ type }) => type === 'PodScheduled')
  return wasSeen ? Infinity : Math.max(createdAt + SCHEDULER_MS - now, 0)
}

/** The outcome of a job that is `startOverdue` is to say what it waited for, however short that was. */
export function noScheduler (
  pod: Pick<PodView, 'node' | 'conditions' | 'createdAt' | 'scheduler'>,
  { now, synced, namespace, startOverdue }: Pick<Snapshot, 'now' | 'synced' | 'namespace' | 'startOverdue'>
): Waiting | undefined {
  const untilMs = untilNoSchedulerMs(pod, now)
  if (!synced || untilMs === Infinity || (untilMs > 0 && startOverdue !== true)) return undefined
  return {
    reason: 'NoScheduler',
    message: `No scheduler has looked at the pod of the job in the namespace ${namespace} yet. The pod is for the ` +
      `scheduler ${pod.scheduler ?? 'of the cluster'} (spec.schedulerName), which a base Job, an override or another ` +
      'client can set. The operator checks that this scheduler runs, or sets another.'
  }
}
