// Decides when waiting is over: the deadlines of image pull, configuration and start. Pure.

import type { JobSubmission, Outcome } from '../../../launcher/plugin.ts'
import type { KubernetesConfig } from '../config/keys.ts'
import { failedWith } from './failed-pod.ts'
import type { Waiting } from './pending-reason.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'

/** In milliseconds. */
export interface Deadlines {
  readonly imagePullMs: number
  readonly startMs: number
}

/** A secret or config map that is made a little later than the job still helps. */
const CONFIGURATION_MS = 60_000

/** A job that exposes ports is one that somebody waits for. */
export function deadlinesOf (config: KubernetesConfig, { exposedPorts = [] }: JobSubmission): Deadlines {
  const interactive = exposedPorts.length > 0
  return {
    imagePullMs: config[interactive ? 'interactive-image-pull-deadline-seconds' : 'image-pull-deadline-seconds'] * 1000,
    startMs: config[interactive ? 'interactive-start-deadline-seconds' : 'start-deadline-seconds'] * 1000
  }
}

/** The verdict on a job that waited too long, or the milliseconds until that. `takenAt` is when the cluster took it. */
export function checkDeadlines (
  waiting: Waiting,
  { takenAt, pod, deadlines, now }: { takenAt: number; pod: TrackedPod | undefined; deadlines: Deadlines; now: number }
): { outcome: Outcome } | { requeueAfterMs: number } {
  const { reason, message, deadline, outcome = reason && failedWith(reason, message) } = waiting
  const own =
    deadline === 'never'
      ? 0
      : deadline === 'image pull'
        ? deadlines.imagePullMs
        : deadline === 'configuration'
          ? CONFIGURATION_MS
          : Infinity
  const ownDue = (pod === undefined ? takenAt : turnedAt(pod)) + own
  const startDue = takenAt + deadlines.startMs
  if (outcome !== undefined && (deadline === 'never' || ownDue <= now)) return { outcome }
  if (startDue <= now) {
    return {
      outcome: failedWith(
        'StartTimeout',
        `The job was not running ${deadlines.startMs / 1000} s after the cluster had taken it. ${message}`
      )
    }
  }
  return { requeueAfterMs: Math.min(ownDue, startDue) - now }
}

/**
 * When it was the turn of the container that waits: the pod got its node, or the step before it ended, which may have
 * taken long.
 */
function turnedAt ({ conditions, startedAt, createdAt, initContainers }: TrackedPod): number {
  const scheduledAt =
    conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'True')?.at ?? startedAt ?? createdAt
  return Math.max(scheduledAt, ...initContainers.map(({ terminated }) => terminated?.finishedAt ?? 0))
}
