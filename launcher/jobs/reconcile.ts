// Reconciles one job: observes it in the backend, stores its status, starts it if necessary and schedules the next
// reconcile.

import type { Logger } from 'pino'
import { isLauncherError, RetryableError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'
import { createMonotonicAge } from '../lib/monotonic-age.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import { canceled } from '../plugin-kit/outcomes.ts'
import type { Observation } from '../plugin.ts'
import type { Cluster } from './cluster.ts'
import type { Job } from '../model/job.ts'
import { isEnded, type Operation } from '../model/status.ts'
import type { JobLock } from './job-lock.ts'
import { nextStep } from './next-step.ts'
import { REASONS } from '../model/reasons.ts'
import type { Change, Store } from './store/store.ts'

export interface Reconciler {
  /** Queues a reconcile of the job. Cheap, and safe for any id at any time. */
  enqueue (id: string): void
  /** Adopts a job of an earlier launcher. First repeats its requested operation, in case it was not carried out. */
  adopt (id: string): void
  /** Queues the start of a job that was just stored, without observing it first. */
  start (job: Job): void
  /** Reconciles the job now. The caller holds the job's lock. */
  reconcileLocked (id: string): Promise<void>
  /** Stops reconciling and starting. Resolves when the work in flight is done. */
  close (): Promise<void>
}

interface Dependencies {
  store: Store
  lock: JobLock
  log: Logger
  clusterOf: (name: string) => Cluster | undefined
}

/** Milliseconds per event-loop iteration for reconciling: listing a cluster enqueues every one of its jobs. */
const BUDGET_MS = 10

export function createReconciler ({ store, lock, log, clusterOf }: Dependencies): Reconciler {
  const logOf = (id: string): Logger => log.child({ job: id })
  const queued = new Set<string>()
  const toRepeat = new Set<string>()
  const starting = new Set<string>()
  const failures = new Map<string, number>()
  const age = createMonotonicAge()
  const yieldIfBusy = createEventLoopBudget({ ms: BUDGET_MS })
  const timers = new Map<string, NodeJS.Timeout>()
  const inFlight = new Set<Promise<void>>()
  let closed = false

  function enqueue (id: string): void {
    if (closed || queued.has(id)) return
    queued.add(id)
    track(yieldIfBusy().then(() => lock(id, async () => { if (!closed) await reconcileLocked(id) })), id)
  }

  function adopt (id: string): void {
    toRepeat.add(id)
    enqueue(id)
  }

  function requeueAfter (ms: number, id: string): void {
    clearTimeout(timers.get(id))
    if (closed) return
    timers.set(id, setTimeout(enqueue, Math.min(ms, 2 ** 31 - 1), id).unref())
  }

  function track (work: Promise<void>, id: string): void {
    const done = work.catch(error => {
      logOf(id).error({ err: error }, 'reconcile failed, will retry')
      requeueAfterFailure(id)
    }).finally(() => inFlight.delete(done))
    inFlight.add(done)
  }

  function requeueAfterFailure (id: string, maxMs = Infinity): void {
    const attempt = (failures.get(id) ?? 0) + 1
    failures.set(id, attempt)
    requeueAfter(Math.min(backoffMs(attempt), maxMs), id)
  }

  /** `justStarted`: the start has just returned. If it left nothing behind, it is repeated only after a delay. */
  async function reconcileLocked (id: string, justStarted = false): Promise<void> {
    queued.delete(id)
    clearTimeout(timers.get(id))
    timers.delete(id)
    const job = store.get(id)
    const cluster = job && clusterOf(job.cluster)
    if (job === undefined || cluster === undefined || isEnded(job.status)) {
      failures.delete(id)
      toRepeat.delete(id)
      return
    }
    const untilTimeout = msUntilStartTimeout(job)
    if (untilTimeout <= 0) await requestOperation(job, 'cancel', cluster)
    else if (toRepeat.has(id) && job.intent !== undefined) await requestOperation(job, job.intent.operation, cluster)
    toRepeat.delete(id)
    const observation = await cluster.plugin.observe(job)
    if (untilTimeout <= 0 && !hasRun(observation)) {
      await apply(job, { status: 'Failed', reason: 'StartTimeout', message: REASONS.StartTimeout })
      failures.delete(id)
      return
    }
    const step = nextStep(job, observation)
    if (step.before !== undefined) await apply(job, step.before)
    if (step.change !== undefined) await apply(job, step.change)
    // Each retry of a failing start observes first, so the observation must not reset the failures. Only the start
    // does.
    if (step.start !== true) failures.delete(id)
    else if (justStarted) return requeueAfterFailure(id, untilTimeout)
    else start(job)
    const requeueAfterMs = Math.min(step.requeueAfterMs ?? Infinity, untilTimeout > 0 ? untilTimeout : Infinity)
    if (requeueAfterMs < Infinity && observation.state !== 'ended') requeueAfter(requeueAfterMs, id)
  }

  /**
   * Ignores a rejection, to observe the job anyway: the operation may be done or no longer possible. Rethrows if the
   * cluster or its scratch path is unavailable, which leads to a retry.
   */
  async function requestOperation (job: Job, operation: Operation, cluster: Cluster): Promise<void> {
    try {
      await cluster.plugin.control(job, operation)
    } catch (error) {
      if (!isLauncherError(error) || error.code === 'ClusterUnavailable' || error.code === 'StoreUnavailable') {
        throw error
      }
      logOf(job.id).warn({ err: error, operation }, 'operation rejected by cluster')
    }
  }

  async function apply (job: Job, change: Change): Promise<void> {
    const changed = await store.change(job.id, change)
    if (changed === undefined) return
    if (changed.status !== 'Pending') age.forget(job.id)
    if (isEnded(changed.status)) clusterOf(job.cluster)?.retrying.delete(job.id)
    if (changed.status !== job.status) {
      logOf(job.id).info(
        { status: changed.status, reason: changed.reason, exitCode: changed.exitCode },
        'job changed status'
      )
    }
  }

  function start (job: Job): void {
    const cluster = clusterOf(job.cluster)
    if (cluster === undefined || closed || starting.has(job.id)) return
    const untilTimeout = msUntilStartTimeout(job)
    if (untilTimeout < Infinity) requeueAfter(untilTimeout, job.id)
    queueStart(job.id, job.user, cluster)
  }

  /** Keeps no job, which may be large, in memory while it waits. */
  function queueStart (id: string, user: string, cluster: Cluster): void {
    starting.add(id)
    track(cluster.starts.add(() => {
      starting.delete(id)
      return closed ? Promise.resolve() : lock(id, () => startLocked(id, cluster))
    }, { user }), id)
  }

  async function startLocked (id: string, cluster: Cluster): Promise<void> {
    cluster.retrying.delete(id)
    const job = store.get(id)
    if (job === undefined || isEnded(job.status)) return
    if (job.intent?.operation === 'cancel') return await apply(job, canceled())
    if (msUntilStartTimeout(job) <= 0) return await reconcileLocked(id)
    try {
      await cluster.plugin.start(job)
    } catch (error) {
      if (isLauncherError(error)) {
        failures.delete(id)
        return await apply(job, {
          status: 'Failed',
          reason: 'StartFailed',
          message: `${error.message} ${error.kind.help}`
        })
      }
      const isExpected = error instanceof RetryableError
      if (isExpected) logOf(id).warn({ err: error }, 'start failed, will retry')
      else logOf(id).error({ err: error }, 'start failed by a defect, will retry')
      cluster.retrying.add(id)
      await apply(job, {
        message: `The start failed and will be retried: ${(error as Error).message.replace(/\.$/, '')}.`,
        reason: isExpected ? error.reason : undefined
      })
      return requeueAfterFailure(id, msUntilStartTimeout(job))
    }
    await reconcileLocked(id, true)
  }

  function msUntilStartTimeout (job: Job): number {
    const seconds = job.submission.startTimeoutSeconds
    if (seconds === undefined || job.status !== 'Pending') return Infinity
    return seconds * 1000 - age.since(job.id, job.submissionTime)
  }

  return {
    enqueue,
    adopt,
    start,
    reconcileLocked,
    async close () {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(inFlight)
    }
  }
}

function hasRun (observation: Observation): boolean {
  if (observation.state === 'ended') return observation.outcome.status !== 'Canceled'
  return observation.state === 'running' || observation.state === 'suspended'
}
