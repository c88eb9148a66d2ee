// The jobs of this launcher: what the HTTP API asks for, on top of store, clusters and reconciler.

import type { Logger } from 'pino'
import { LauncherError } from '../errors.ts'
import { admittedOrThrow, collectRefusals } from '../plugin-kit/refusals.ts'
import { adoptionIncomplete, createAdoption } from './adopt.ts'
import { decide, type AdmissionContext, type PlacedDecision } from './admit.ts'
import { bodyHash } from './body-hash.ts'
import type { Cluster } from './cluster.ts'
import { controlMatching, type ControlResult } from './control-matching.ts'
import { controlJob } from './control.ts'
import type { Disk } from './disk.ts'
import { eventId, revisionOf } from './event-id.ts'
import { startExpiry } from './expiry.ts'
import type { RequestedBy } from '../model/intent.ts'
import type { Job } from '../model/job.ts'
import type { JobBody } from '../model/job-body.ts'
import { isEnded, type Operation } from '../model/status.ts'
import { createJobLock } from './job-lock.ts'
import { createIdGenerator } from './job-id.ts'
import { checkArray, newArray } from './new-array.ts'
import { createReconciler } from './reconcile.ts'
import type { Batch, StatusFeed } from './status-feed.ts'
import type { JobFilter } from './store/filter.ts'
import type { RemovalCause } from './store/removals.ts'
import type { Store } from './store/store.ts'

export interface Jobs {
  /**
   * Admits, stores and queues. With a key that was seen, the first job again. `dryRun` stores nothing: it rejects with
   * the first thing that refuses the job, or returns the reason and the message of what the job would wait for.
   * Rejects with RequestAbandoned if `isAbandoned` returns true right before the job is stored. A body with a count
   * makes an array: `job` is one of its jobs, and `ids` has those of all that are left of it, by index.
   */
  submit (
    body: JobBody,
    requester: AdmissionContext['requester'],
    options?: { key?: string; dryRun?: boolean; isAbandoned?: () => boolean }
  ): Promise<{ job: Job; ids: readonly string[]; created: boolean }>
  /** What would become of it, and why. Stores nothing. */
  explain (body: JobBody, requester: AdmissionContext['requester']): Promise<PlacedDecision>
  get (id: string): Job | undefined
  /** As `Store.list`. */
  list: Store['list']
  /** As `Store.groups`. */
  groups: Store['groups']
  /** Throws JobRemoved if a submission with this key created a job that was removed. */
  requireUnused: Store['requireUnused']
  /** Names of the clusters whose jobs of an earlier launcher may be missing here; only of these, if given. */
  notAdopted (among?: readonly string[]): string[]
  /**
   * Changes of jobs after an event id, as `StatusFeed.follow` gives them. If a cluster of the filter is not adopted at
   * the call, `adopted` follows its jobs once it is.
   */
  follow (filter: JobFilter, after: string | undefined, signal: AbortSignal): AsyncGenerator<Batch>
  /** Returns the id of the event with the revision; by default of the last event, so that all jobs are as after it. */
  eventId (revision?: number): string
  /** Resolves when the job has ended or is gone, or the signal aborts. */
  whenEnded (id: string, signal: AbortSignal): Promise<void>
  /** `by` asks for the operation; by default the host itself. */
  control (id: string, operation: Operation, by?: RequestedBy): Promise<Job>
  /** As the function `controlMatching`. */
  controlMatching (
    filter: JobFilter,
    operation: Operation,
    by: RequestedBy,
    withTimeout: (work: Promise<unknown>) => Promise<unknown>
  ): Promise<ControlResult[]>
  /** Forgets an ended job and its output. Throws JobNotEnded. */
  remove (id: string): Promise<void>
  /** The cluster a job runs on. Throws ClusterNotFound when it is no longer configured. */
  clusterOf (job: Job): Cluster
  /** A plugin saw something change. */
  changed (id: string): void
  /** Tries again now what failed and waits for its retry. */
  retryFailing (): void
  /** Begins to adopt the jobs of an earlier launcher and to expire. Resolves as `Adoption.begin`. */
  begin (): Promise<void>
  close (): Promise<void>
}

interface Dependencies {
  store: Store
  /** The disk of the store. */
  disk: Pick<Disk, 'state' | 'problem'>
  feed: StatusFeed
  clusters: ReadonlyMap<string, Cluster>
  log: Logger
  defaultUser: string
  /** Read at each submission, so that a reload counts. */
  maxMetadataBytes: () => number
  groupsOf: AdmissionContext['groupsOf']
  expiryMs: () => number
  /** Called when a submission met the bound on waiting jobs. */
  onRefused: (cluster: string) => void
}

export function createJobs ({
  store,
  disk,
  feed,
  clusters,
  log,
  defaultUser,
  maxMetadataBytes,
  groupsOf,
  expiryMs,
  onRefused
}: Dependencies): Jobs {
  const lock = createJobLock()
  const newId = createIdGenerator()
  const clusterNamed = (name: string): Cluster | undefined => clusters.get(name)
  const reconciler = createReconciler({ store, disk, lock, log, clusterOf: clusterNamed })
  const closing = new AbortController()
  const adoption = createAdoption({
    store,
    clusters,
    reconciler,
    log,
    signal: closing.signal,
    onComplete: feed.adopted
  })
  let stopExpiry = async (): Promise<void> => {}

  function clusterOf (job: Job): Cluster {
    const cluster = clusters.get(job.cluster)
    if (cluster === undefined) {
      throw new LauncherError('ClusterNotFound', `The cluster ${job.cluster} of job ${job.id} is not configured.`)
    }
    return cluster
  }

  const contextOf = (requester: AdmissionContext['requester']): AdmissionContext => ({
    clusters,
    requester,
    defaultUser,
    maxMetadataBytes: maxMetadataBytes(),
    groupsOf
  })

  function checkRoom (
    { name, starts, accepting, retrying, config: { maxWaitingJobs } }: Cluster, count: number
  ): void {
    const waiting = starts.size + accepting + retrying.size
    if (waiting + count <= maxWaitingJobs) return
    onRefused(name)
    throw new LauncherError(
      'TooManyWaiting',
      `${waiting} jobs wait for the cluster ${name}; it takes no more until some have started.`,
      { cluster: name, maxWaitingJobs, retryAfterSeconds: 1 }
    )
  }

  const idsOf = ({ id, array }: Job): string[] => array === undefined ? [id] : store.idsOfArray(array.id)

  function control (id: string, operation: Operation, by: RequestedBy = {}): Promise<Job> {
    log.child({ job: id }).info({ operation, user: by.user }, 'operation requested')
    return controlJob({ store, lock, reconciler, clusterOf: clusterNamed }, id, operation, by)
  }

  function remove (id: string, cause: RemovalCause): Promise<void> {
    return lock(id, async () => {
      const job = store.get(id)
      if (job === undefined) return
      if (!isEnded(job.status)) {
        throw new LauncherError('JobNotEnded', `Job ${id} is ${job.status}; only ended jobs can be forgotten.`, {
          jobStatus: job.status
        })
      }
      await clusters.get(job.cluster)?.plugin.destroy(job)
      await store.remove(id, cause)
      log.child({ job: id }).debug('job forgotten')
    })
  }

  return {
    async submit (body, requester, { key, dryRun = false, isAbandoned } = {}) {
      const { count, ...wanted } = body
      const idempotency =
        key === undefined || dryRun ? undefined : { user: requester.user ?? '', key, bodyHash: await bodyHash(body) }
      const first = idempotency && store.repeated(idempotency)
      if (first !== undefined) return { job: first, ids: idsOf(first), created: false }
      // A dry run explains, because only then the cluster's backend is asked.
      const decision = await decide(wanted, contextOf(requester), { explain: dryRun })
      const submission = admittedOrThrow(decision)
      const { user, groups, cluster } = decision
      if (count !== undefined) checkArray(count, submission, cluster)
      // A job that a lost database had may run with this key.
      if (idempotency !== undefined && !store.wasAdopted(cluster.name)) {
        throw adoptionIncomplete('The Idempotency-Key', [cluster.name])
      }
      const added = {
        user,
        groups,
        cluster: cluster.name,
        submission,
        submissionTime: Date.now(),
        ...(idempotency && { idempotency })
      }
      if (dryRun) {
        return {
          job: {
            id: newId(),
            ...added,
            ...expectedReason(decision),
            status: 'Pending',
            revision: 0,
            lastUpdateTime: added.submissionTime,
            submittedToBackend: false
          },
          ids: [],
          created: false
        }
      }
      const jobs = count === undefined ? [{ id: newId(), ...added }] : newArray(added, count, newId)
      checkRoom(cluster, jobs.length)
      const diskProblem = disk.problem()
      if (diskProblem !== undefined) throw diskProblem
      cluster.accepting += jobs.length
      try {
        const stored = await store.insertAll(jobs, isAbandoned)
        const job = stored.jobs[0]!
        if (!stored.created) return { job, ids: idsOf(job), created: false }
        log.child({ job: job.id })
          .info({ user, cluster: cluster.name, name: submission.name, ...(count && { count }) }, 'job accepted')
        for (const each of stored.jobs) reconciler.start(each)
        return { job, ids: stored.jobs.map(({ id }) => id), created: true }
      } finally {
        cluster.accepting -= jobs.length
      }
    },
    async explain ({ count, ...body }, requester) {
      const decision = await decide(body, contextOf(requester), { explain: true })
      const ofArray = collectRefusals()
      if (count !== undefined) ofArray.during(() => checkArray(count, decision.admitted ?? body, decision.cluster))
      if (ofArray.all.length === 0) return decision
      const { admitted: _, ...refused } = decision
      return { ...refused, refusals: [...decision.refusals, ...ofArray.all] }
    },
    get: store.get,
    list: store.list,
    groups: store.groups,
    requireUnused: store.requireUnused,
    notAdopted: adoption.incomplete,
    follow (filter, after, signal) {
      const { id, clusters: among } = filter
      const isComplete = id !== undefined || adoption.incomplete(among).length === 0
      const revision = after === undefined ? undefined : revisionOf(store, after)
      return feed.follow(store, filter, revision, signal, isComplete ? undefined : () => adoption.completeAt(among))
    },
    eventId: (revision = store.lastRevision()) => eventId(store, revision),
    async whenEnded (id, signal) {
      const changes = feed.follow(store, { id }, store.lastRevision(), signal)
      while ((await changes.next()).done !== true);
    },
    control,
    controlMatching: (filter, operation, by, withTimeout) =>
      controlMatching(
        { store, control: (id, operation) => control(id, operation, by), signal: closing.signal },
        filter,
        operation,
        withTimeout
      ),
    remove: id => remove(id, 'deleted'),
    clusterOf,
    changed: reconciler.enqueue,
    retryFailing: reconciler.retryFailing,
    async begin () {
      await adoption.begin()
      stopExpiry = startExpiry({ store, expiryMs, remove: id => remove(id, 'expired'), log })
    },
    async close () {
      closing.abort()
      await stopExpiry()
      await reconciler.close()
    }
  }
}

/** The reason and the message that the pending job would have. */
function expectedReason ({ explanation }: PlacedDecision): Pick<Job, 'reason' | 'message'> {
  const { reason, message } = explanation?.expectedWait ?? {}
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) }
}
