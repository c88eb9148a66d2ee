// What the tables of evaluations share.

import type { Intent } from '../../../../launcher/plugin.ts'
import type { PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import type { Snapshot } from '../../../../plugins/kubernetes/state/snapshot.ts'
import { jobOf, jobViewOf, NOW, podOf, waiting } from '../sample-views.ts'

/** One row per case: the snapshot, and what its evaluation must match. */
export type EvaluateCase = [name: string, snapshot: Partial<Snapshot>, evaluation: object]

export const pendingJob = jobOf({ status: 'Pending' })
/** The cluster refuses its start for a minute. */
export const refusedJob = jobOf({
  status: 'Pending',
  submittedToBackend: false,
  reason: 'RefusedByCluster',
  message: 'The policy p forbids it.',
  lastUpdateTime: NOW - 60_000
})
export const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })
export const intent = (operation: Intent['operation'], at = NOW - 500): Intent => ({ operation, at })
export const deletion: Partial<PodView> = { deletedAt: NOW + 9000, deletionGraceMs: 10_000 }
export const second = podOf({ ...idle, uid: 'pod-2', name: 'second', createdAt: NOW - 1000 })

/** A canceled job without an observed pod. */
export const canceled: Partial<Snapshot> = {
  job: jobOf({ status: 'Pending', intent: intent('cancel') }),
  jobView: jobViewOf({ parallelism: 0, active: 0, requestedOperation: 'cancel' }),
  pods: [],
  relisted: false
}

/** A job whose program has ended according to its Job, and whose pod was never observed. */
export const endedUnobserved: Partial<Snapshot> = {
  pods: [],
  jobView: jobViewOf({ active: 0, failed: 1, conditions: [{ type: 'Failed', status: 'True', at: NOW - 30_000 }] })
}
