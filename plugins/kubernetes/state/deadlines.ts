// Checks the deadlines of a waiting job: image pull, configuration and start. Pure.

import type { JobSubmission, Outcome } from '../../../launcher/plugin.ts'
import type { KubernetesConfig, StartDeadlines } from '../config/config.ts'
import { startTimeout } from '../../../launcher/plugin-kit/outcomes.ts'
import { failedWith } from './failed-pod.ts'
import type { Waiting } from './waiting.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'

/** Leaves time for a secret or config map that is created a little later than the job. */
const CONFIGURATION_MS = 60_000

/** Returns the deadlines of the job. A job that exposes ports counts as interactive: a user waits for it. */
export function deadlinesOf (
  { batchDeadlines, interactiveDeadlines }: Pick<KubernetesConfig, 'batchDeadlines' | 'interactiveDeadlines'>,
  { exposedPorts = [] }: JobSubmission
): StartDeadlines {
  return exposedPorts.length > 0 ? interactiveDeadlines : batchDeadlines
}

/**
 * Returns the outcome of a job that waited too long, or the milliseconds until then. `takenAt`: creation time of the
 * Job.
 */
export function checkDeadlines (
  waiting: Waiting,
  {
    takenAt,
    pod,
    deadlines,
    now
  }: { takenAt: number; pod: TrackedPod | undefined; deadlines: StartDeadlines; now: number }
): { outcome: Outcome } | { requeueAfterMs: number } {
  const { reason, message, deadline } = waiting
  const outcome = reason && failedWith(reason, message)
  const ownMs =
    deadline === 'never'
      ? 0
      : deadline === 'image pull'
        ? deadlines.imagePullMs
        : deadline === 'configuration'
          ? CONFIGURATION_MS
          : Infinity
  const ownDue = (pod === undefined ? takenAt : couldStartAt(pod)) + ownMs
  const startDue = takenAt + deadlines.startMs
  if (outcome !== undefined && (deadline === 'never' || ownDue <= now)) return { outcome }
  if (startDue <= now) {
    return { outcome: startTimeout(`within ${deadlines.startMs / 1000} s after the cluster accepted it`, waiting) }
  }
  return { requeueAfterMs: Math.min(ownDue, startDue) - now }
}

/**
 * Returns when the waiting container could first start: when the pod got its node, or when the step before the
 * container ended, which may have taken long.
 */
function couldStartAt ({ conditions, startedAt, createdAt, initContainers }: TrackedPod): number {
  const scheduledAt =
    conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'True')?.at ?? startedAt ?? createdAt
  const steps = initContainers.filter(({ sidecar }) => sidecar === undefined)
  return Math.max(scheduledAt, ...steps.map(({ terminated }) => terminated?.finishedAt ?? 0))
}
