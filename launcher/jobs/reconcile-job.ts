// Observes one job in the backend, stores its status, and decides what happens to it next.

import type { Logger } from 'pino'
import { isLauncherError, type ErrorCode } from '../errors.ts'
import type { MonotonicAge } from '../lib/monotonic-age.ts'
import type { Job } from '../model/job.ts'
import { isEnded, type Operation } from '../model/status.ts'
import { startTimeout } from '../plugin-kit/outcomes.ts'
import type { Observation } from '../plugin.ts'
import type { Cluster } from './cluster.ts'
import type { Disk } from './disk.ts'
import { nextStep } from './next-step.ts'
import { requestEnd } from './request-end.ts'
import type { Requeue } from './requeue.ts'
import { STORED_SLOT_WAIT, withSlotWait } from './slot-wait.ts'
import type { Change } from './store/apply-change.ts'
import type { Store } from './store/store.ts'
import type { Usage } from './usage.ts'

export interface ReconcileContext {
  readonly store: Store
  readonly disk: Pick<Disk, 'state'>
  readonly requeue: Requeue
  /** How long each job has been waiting. */
  readonly age: MonotonicAge
  /** Ids of the adopted jobs whose requested operation is still to be repeated. */
  readonly toRepeat: Set<string>
  clusterOf (name: string): Cluster | undefined
  logOf (id: string): Logger
  /** The job has not ended, and this launcher looks after it from now on. It may be called again. */
  begun (job: Job): void
  readonly usage: Pick<Usage, 'atEnd'>
  /** Queues the start of the job. */
  start (job: Job): void
}

/** The cluster or its scratch path is away. */
const UNAVAILABLE: readonly ErrorCode[] = ['ClusterUnavailable', 'StoreUnavailable']

/** `justStarted`: the start has just returned. If it left nothing behind, it is repeated only after a delay. */
export async function reconcileJob (id: string, context: ReconcileContext, justStarted = false): Promise<void> {
  const { store, requeue, toRepeat, clusterOf, logOf, start } = context
  requeue.cancel(id)
  const job = store.get(id)
  const cluster = job && clusterOf(job.cluster)
  if (job === undefined || cluster === undefined || isEnded(job.status)) {
    requeue.forgetFailures(id)
    toRepeat.delete(id)
    return
  }
  context.begun(job)
  if (toRepeat.has(id) && job.intent !== undefined) {
    await requestOperation(job, job.intent.operation, cluster, context)
  }
  toRepeat.delete(id)
  const untilTimeout = msUntilStartTimeout(job, context)
  const seen = await cluster.plugin.observe(job, { startOverdue: untilTimeout <= 0 })
  const observation = untilTimeout > 0 || hasRun(seen) ? seen : await observeCanceled(job, cluster, context)
  noteSlot(job, observation, cluster)
  if (untilTimeout <= 0 && !hasRun(observation)) {
    const limit = `within its start timeout of ${job.submission.startTimeoutSeconds} s`
    const waited = seen.state === 'pending' ? seen : withSlotWait(job, cluster.starts)
    await applyChange(job, startTimeout(limit, waited), context)
    requeue.forgetFailures(id)
    return
  }
  const step = nextStep(job, observation)
  const requeueAfterMs = Math.min(step.requeueAfterMs ?? Infinity, untilTimeout > 0 ? untilTimeout : Infinity)
  try {
    if (step.before !== undefined) await applyChange(job, step.before, context)
    if (step.change !== undefined) await applyChange(job, step.change, context)
    await store.storeKeptIntent(id)
  } catch (error) {
    if (!isLauncherError(error, 'StoreUnavailable')) throw error
    logOf(id).error({ err: error }, 'reconcile failed, will retry')
    // What the observation is repeated for, such as the end of a grace, does not wait for the disk.
    return requeue.afterFailure(id, requeueAfterMs)
  }
  if (hasTimedOut(observation) && job.intent === undefined) {
    await requestEnd(job, 'stop', { cluster, store, cause: 'TimedOut' })
    return await reconcileJob(id, context)
  }
  // Each retry of a failing start observes first, so the observation must not reset the failures. Only the start
  // does.
  if (step.start !== true) requeue.forgetFailures(id)
  else if (justStarted) {
    cluster.starts.freeSlot(id)
    return requeue.afterFailure(id, untilTimeout)
  } else {
    start(job)
    if (withSlotWait(job, cluster.starts) !== job) await applyChange(job, STORED_SLOT_WAIT, context)
  }
  if (requeueAfterMs < Infinity && observation.state !== 'ended') requeue.after(requeueAfterMs, id)
}

/** Stores the change, if anything differs, and logs a new status. */
export async function applyChange (
  job: Job,
  change: Change,
  { store, age, usage, clusterOf, logOf }: ReconcileContext
): Promise<void> {
  const changed = await store.change(job.id, usage.atEnd(job.id, change))
  if (changed === undefined) return
  if (changed.status !== 'Pending') age.forget(job.id)
  if (isEnded(changed.status)) {
    const cluster = clusterOf(job.cluster)
    cluster?.retrying.delete(job.id)
    cluster?.starts.ended(job.id)
  }
  if (changed.status !== job.status) {
    logOf(job.id).info(
      { status: changed.status, reason: changed.reason, exitCode: changed.exitCode },
      'job changed status'
    )
  }
}

export function msUntilStartTimeout (job: Job, { age }: ReconcileContext): number {
  const seconds = job.submission.startTimeoutSeconds
  if (seconds === undefined || job.status !== 'Pending' || job.intent !== undefined) return Infinity
  return seconds * 1000 - age.since(job.id, job.submissionTime)
}

/** Only a cluster that sees a request knows that it was not another client that ended the job. */
async function observeCanceled (job: Job, cluster: Cluster, context: ReconcileContext): Promise<Observation> {
  const canceled: Job = { ...job, intent: { operation: 'cancel', at: Date.now() } }
  // A program whose start the cluster does not let the launcher cancel may still run.
  await requestOperation(canceled, 'cancel', cluster, context, [...UNAVAILABLE, 'RefusedByCluster'])
  return await cluster.plugin.observe(canceled)
}

/**
 * Ignores a rejection, to observe the job anyway: the operation may be done or no longer possible. Rethrows one with a
 * code of `retried`, which leads to a retry.
 */
async function requestOperation (
  job: Job,
  operation: Operation,
  cluster: Cluster,
  { logOf }: ReconcileContext,
  retried: readonly ErrorCode[] = UNAVAILABLE
): Promise<void> {
  try {
    await cluster.plugin.control(job, operation)
  } catch (error) {
    if (!isLauncherError(error) || retried.includes(error.code)) throw error
    logOf(job.id).warn({ err: error, operation }, 'operation rejected by cluster')
  }
}

/** What is absent or only created keeps a slot if its start is under way. */
function noteSlot ({ id, user }: Job, { state }: Observation, { starts }: Cluster): void {
  if (state === 'ended') starts.freeSlot(id)
  else if (state !== 'absent' && state !== 'created') starts.takeSlot(id, user)
}

function hasTimedOut (observation: Observation): boolean {
  return (observation.state === 'running' || observation.state === 'suspended') && observation.timedOut === true
}

function hasRun (observation: Observation): boolean {
  if (observation.state === 'ended') return observation.outcome.status !== 'Canceled'
  return observation.state === 'running' || observation.state === 'suspended'
}
