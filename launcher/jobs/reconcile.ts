// Schedules what happens to jobs: reconciles and starts, each under the job's lock, and their retries.

import type { Logger } from 'pino'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import { createMonotonicAge } from '../lib/monotonic-age.ts'
import type { Job } from '../model/job.ts'
import type { Cluster } from './cluster.ts'
import type { Disk } from './disk.ts'
import type { JobLock } from './job-lock.ts'
import { msUntilStartTimeout, reconcileJob, type ReconcileContext } from './reconcile-job.ts'
import { createRequeue } from './requeue.ts'
import { startJob } from './start-job.ts'
import type { Store } from './store/store.ts'

export interface Reconciler {
  /** Queues a reconcile of the job. Cheap, and safe for any id at any time. */
  enqueue (id: string): void
  /**
   * Adopts a job of an earlier launcher, which has a slot until it is seen that it does not run. First repeats its
   * requested operation, in case it was not carried out.
   */
  adopt (job: Pick<Job, 'id' | 'user' | 'cluster'>): void
  /** Queues the start of a job that was just stored, without observing it first. */
  start (job: Job): void
  /** Reconciles the job now. The caller holds the job's lock. */
  reconcileLocked (id: string): Promise<void>
  /**
   * Whether the store may be behind the cluster: the last attempt to reconcile or start the job failed, or the job was
   * adopted and has not been reconciled since.
   */
  mayBeBehind (id: string): boolean
  /** Queues every such job. */
  retryFailing (): void
  /** Stops reconciling and starting. Resolves when the work in flight is done. */
  close (): Promise<void>
}

interface Dependencies {
  store: Store
  disk: Pick<Disk, 'state'>
  lock: JobLock
  log: Logger
  clusterOf: (name: string) => Cluster | undefined
  /** As `ReconcileContext.begun`. */
  begun: (job: Job) => void
  usage: ReconcileContext['usage']
}

/** Milliseconds per event-loop iteration for reconciling: listing a cluster enqueues every one of its jobs. */
const BUDGET_MS = 10

export function createReconciler ({ store, disk, lock, log, clusterOf, begun, usage }: Dependencies): Reconciler {
  const queued = new Set<string>()
  const inFlight = new Set<Promise<void>>()
  const yieldIfBusy = createEventLoopBudget({ ms: BUDGET_MS })
  const requeue = createRequeue(enqueue)
  const context: ReconcileContext = {
    store,
    disk,
    requeue,
    age: createMonotonicAge(),
    toRepeat: new Set(),
    clusterOf,
    logOf: id => log.child({ job: id }),
    begun,
    usage,
    start
  }
  let closed = false

  function enqueue (id: string): void {
    if (closed || queued.has(id)) return
    queued.add(id)
    track(yieldIfBusy().then(() => lock(id, async () => { if (!closed) await reconcileLocked(id) })), id)
  }

  function track (work: Promise<void>, id: string): Promise<void> {
    const done = work.catch(error => {
      context.logOf(id).error({ err: error }, 'reconcile failed, will retry')
      requeue.afterFailure(id)
    }).finally(() => inFlight.delete(done))
    inFlight.add(done)
    return done
  }

  async function reconcileLocked (id: string): Promise<void> {
    queued.delete(id)
    await reconcileJob(id, context)
  }

  function start (job: Job): void {
    const cluster = clusterOf(job.cluster)
    if (cluster === undefined || closed || cluster.starts.has(job.id)) return
    const untilTimeout = msUntilStartTimeout(job, context)
    if (untilTimeout < Infinity) requeue.after(untilTimeout, job.id)
    cluster.starts.freeSlot(job.id)
    queueStart(job, cluster)
  }

  /** Keeps no job, which may be large, in memory while it waits. */
  function queueStart ({ id, user, groups = [], submission: { priority = 0 } }: Job, cluster: Cluster): void {
    cluster.starts.add({
      id,
      user,
      groups,
      priority,
      run: begun => track(lock(id, async () => {
        begun()
        if (!closed) await startJob(id, cluster, context)
      }), id)
    })
  }

  return {
    enqueue,
    adopt ({ id, user, cluster }) {
      const starts = clusterOf(cluster)?.starts
      if (starts?.has(id) === false) starts.takeSlot(id, user, false)
      context.toRepeat.add(id)
      enqueue(id)
    },
    start,
    reconcileLocked,
    mayBeBehind: id => context.toRepeat.has(id) || requeue.hasFailed(id),
    retryFailing () { for (const id of requeue.failing()) enqueue(id) },
    async close () {
      closed = true
      requeue.close()
      await Promise.all(inFlight)
    }
  }
}
