// What the tables of outcomes share.

import type { Intent, Outcome } from '../../../../launcher/plugin.ts'
import type { ConditionView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import type { Snapshot } from '../../../../plugins/kubernetes/state/snapshot.ts'
import { jobOf, jobViewOf, NOW, podOf, terminated, trackedPod, waiting } from '../sample-views.ts'

type Expected = { [K in keyof Outcome]?: Outcome[K] | RegExp | undefined }
/** One row per case: the snapshot, and the outcome that it must have. */
export type OutcomeRow = [name: string, snapshot: Partial<Snapshot>, outcome: Expected]

export const GRACE = 10_000
export const requested = (
  operation: Intent['operation'],
  at: number = NOW - 20_000
): Pick<Snapshot, 'job' | 'jobView'> => ({
  job: jobOf({ status: operation === 'cancel' ? 'Pending' : 'Running', intent: { operation, at } }),
  jobView: jobViewOf({ parallelism: 0, requestedOperation: operation, requestedAt: at })
})
export const pendingJob = jobOf({ status: 'Pending' })
export const finished = (
  exitCode: number,
  changes: Parameters<typeof terminated>[1] = {},
  pod: Partial<PodView> = {}
): PodView =>
  podOf({ phase: exitCode === 0 ? 'Succeeded' : 'Failed', containers: [terminated(exitCode, changes)], ...pod })
/** Deleted at NOW - 20 s with a grace of 10 s. */
export const deletion: Partial<PodView> = { deletedAt: NOW - 20_000 + GRACE, deletionGraceMs: GRACE }
/** A deleted pod whose node removed the container before its end was read, as kubelets of 1.20 did. */
export const removed = (unreadyAt: number): ReturnType<typeof trackedPod> =>
  trackedPod(
    podOf(),
    podOf(deletion),
    podOf({
      ...deletion,
      phase: 'Failed',
      containers: [waiting('ContainerCreating')],
      conditions: [{ type: 'Ready', status: 'False', at: unreadyAt }]
    })
  )
export const failedPod = (reason: string, message: string, pod: Partial<PodView> = {}): PodView =>
  podOf({ phase: 'Failed', reason, message, containers: [], ...pod })
export const disrupted = (reason: string, at: number = NOW - 10_000): ConditionView => ({
  type: 'DisruptionTarget',
  status: 'True',
  reason,
  message: 'words',
  at
})
export const init = (
  exitCode: number,
  reason = 'Error',
  { name = 'fetch', message }: { name?: string; message?: string } = {}
): PodView =>
  podOf({
    phase: 'Failed',
    containers: [waiting('PodInitializing')],
    initContainers: [{ name, terminated: { exitCode, reason, ...(message !== undefined && { message }) } }]
  })
export const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })
