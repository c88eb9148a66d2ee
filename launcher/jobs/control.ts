// Carries out an operation: checks the status table, requests it and reconciles the job.

import { LauncherError } from '../errors.ts'
import type { Cluster } from './cluster.ts'
import type { Cause, RequestedBy } from '../model/intent.ts'
import type { Job } from '../model/job.ts'
import { isEnded, OPERATION_FROM, type Operation } from '../model/status.ts'
import type { JobLock } from './job-lock.ts'
import { nextStep } from './next-step.ts'
import type { Reconciler } from './reconcile.ts'
import { requestEnd } from './request-end.ts'
import type { Store } from './store/store.ts'

/** The operations that end a job. */
const ENDING: readonly Operation[] = ['stop', 'kill', 'cancel']

interface Dependencies {
  store: Store
  lock: JobLock
  reconciler: Reconciler
  clusterOf: (name: string) => Cluster | undefined
}

/**
 * Resolves with the job once the operation was requested. Rejects with InvalidJobState, NotSupportedByCluster,
 * JobNotFound or ClusterNotFound.
 */
export function controlJob (
  { store, lock, reconciler, clusterOf }: Dependencies,
  id: string,
  operation: Operation,
  asked: { readonly by: RequestedBy } | { readonly cause: Cause }
): Promise<Job> {
  return lock(id, async () => {
    let job = store.get(id)
    if (job === undefined) throw new LauncherError('JobNotFound', `There is no job ${id}.`)
    const cluster = clusterOf(job.cluster)
    if (cluster === undefined) {
      throw new LauncherError('ClusterNotFound', `The cluster ${job.cluster} of job ${id} is not configured.`)
    }
    const allowed = OPERATION_FROM[operation]
    // A client that reads the program's output may know before the launcher that it runs.
    const mayBeBehind = job.submittedToBackend || reconciler.mayBeBehind(id)
    if (!allowed.includes(job.status) && mayBeBehind && !isEnded(job.status)) job = await present(id, cluster)
    if (!allowed.includes(job.status)) throw invalidState(job, operation)
    if (!cluster.plugin.capabilities.operations.includes(operation)) {
      throw new LauncherError('NotSupportedByCluster', `The cluster ${job.cluster} cannot ${operation} a job.`, {
        operation,
        cluster: job.cluster
      })
    }
    if (operation === 'suspend' || operation === 'resume') await cluster.plugin.control(job, operation)
    else await requestEnd(job, operation, { cluster, store, ...asked })
    // The request stands even if the cluster cannot be observed right now.
    await reconciler.reconcileLocked(id).catch(() => reconciler.enqueue(id))
    const after = store.get(id)!
    if (operation === 'cancel' && !isEnded(after.status) && after.status !== 'Pending') {
      await store.setIntent(id, undefined)
      throw invalidState(after, operation)
    }
    return after
  })

  /** The job after reconciling it; if the store cannot be written, with the status that the cluster shows. */
  async function present (id: string, { plugin }: Cluster): Promise<Job> {
    await reconciler.reconcileLocked(id).catch(() => {})
    const job = store.get(id)!
    if (!reconciler.mayBeBehind(id) || isEnded(job.status)) return job
    const seen = await plugin.observe(job).catch(() => undefined)
    return seen === undefined ? job : { ...job, ...nextStep(job, seen).change } as Job
  }
}

function invalidState ({ id, status }: Job, operation: Operation): LauncherError {
  const instead = ENDING.includes(operation) ? ENDING.filter(other => OPERATION_FROM[other].includes(status)) : []
  return new LauncherError('InvalidJobState',
    `Job ${id} is ${status}; ${operation} is only possible from ${OPERATION_FROM[operation].join(' or ')}.`,
    { jobStatus: status, operation, allowedFrom: OPERATION_FROM[operation] },
    { help: instead.length === 0 ? undefined : `To end a ${status} job, use ${instead.join(' or ')}.` })
}
