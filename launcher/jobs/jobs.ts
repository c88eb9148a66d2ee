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
import { requireKnownClusters } from './known-clusters.ts'
import { createLeases, type Leases } from './leases.ts'
import { createJobLock } from './job-lock.ts'
import { createIdGenerator } from './job-id.ts'
import { checkArray, newArray } from './new-array.ts'
import { createReconciler } from './reconcile.ts'
import { STORED_SLOT_WAIT, withSlotWait } from './slot-wait.ts'
import type { Batch, StatusFeed } from './status-feed.ts'
import type { JobFilter } from './store/filter.ts'
import type { RemovalCause } from './store/removals.ts'
import type { Store } from './store/store.ts'
import { createUsage, type Usage } from './usage.ts'

export interface Jobs {
  /**
   * Admits, stores and queues. With a key that was seen, the first job again. `dryRun` stores nothing: it rejects with
   * the first thing that refuses the job, or returns the reason and the message of what the job would wait for.
   * Rejects with RequestAbandoned if `isAbandoned` returns true right before the job is stored. A body with a count
   * makes an array: `job` is one of its jobs, and `ids` has those of all that are left of it, by index. With the host's
   * own name for the job, the job with this name that has not ended, if there is one.
   */
  submit (
    body: JobBody,
    requester: AdmissionContext['requester'],
    options?: { idempotencyKey?: string; key?: string; dryRun?: boolean; isAbandoned?: () => boolean }
  ): Promise<{ job: Job; ids: readonly string[]; created: boolean }>
  /** What would become of it, and why. Stores nothing. */
  explain (body: JobBody, requester: AdmissionContext['requester']): Promise<PlacedDecision>
  get (id: string): Job | undefined
  /** Returns the job as it is to be shown: what it waits for is looked up now. */
  shown (job: Job): Job
  /**
   * The job with the requester's name for it that has not ended, else the newest. Throws AdoptionIncomplete if a job of
   * an earlier launcher may have the name, and JobNotFound if none has.
   */
  byKey (key: string, requester: AdmissionContext['requester']): Job
  /** As `Store.list`. */
  list: Store['list']
  /** As `Store.groups`. */
  groups: Store['groups']
  /** Throws JobRemoved if a submission with this key created a job that was removed. */
  requireUnused: Store['requireUnused']
  /** As the function `requireKnownClusters`. */
  requireKnownClusters (names: readonly string[] | undefined): void
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
  /** As `Leases.hold`. */
  holdLease: Leases['hold']
  /** What running jobs use. */
  readonly usage: Pick<Usage, 'seen' | 'read' | 'follow'>
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
  historyMs: () => number
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
  historyMs,
  onRefused
}: Dependencies): Jobs {
  const lock = createJobLock()
  const newId = createIdGenerator()
  const clusterNamed = (name: string): Cluster | undefined => clusters.get(name)
  const leases = createLeases({ expire: endByLease, log })
  const usage = createUsage({ store, clusters, log })
  const reconciler = createReconciler({
    store,
    disk,
    lock,
    log,
    clusterOf: clusterNamed,
    begun (job) {
      leases.begin(job)
      // A job of an earlier launcher may not change for long.
      usage.seen(job)
    },
    usage
  })
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

  const controlling = { store, lock, reconciler, clusterOf: clusterNamed }

  function control (id: string, operation: Operation, by: RequestedBy = {}): Promise<Job> {
    log.child({ job: id }).info({ operation, user: by.user }, 'operation requested')
    return controlJob(controlling, id, operation, { by })
  }

  async function endByLease (id: string): Promise<void> {
    const cause = 'LeaseExpired'
    if (unended(store.get(id)) === undefined) return
    log.child({ job: id }).info({ cause }, 'job is ended')
    const end = (id: string, operation: Operation): Promise<Job> =>
      controlJob(controlling, id, operation, { cause })
    const results = await controlMatching({ store, control: end, signal: closing.signal }, { id }, 'stop', work => work)
    if (results[0]?.error !== undefined) throw results[0].error
  }

  /** Throws AdoptionIncomplete if a lost database may have had what is asked for, on one of these clusters. */
  function requireAdopted (what: string, among: Iterable<string> = clusters.keys()): void {
    const incomplete = [...among].filter(name => !store.wasAdopted(name))
    if (incomplete.length > 0) throw adoptionIncomplete(what, incomplete)
  }

  function remove (id: string, cause: RemovalCause): Promise<void> {
    return destroy(id, { after: () => store.remove(id, cause) })
  }

  /** A reader must not take output that is being removed for all output. */
  function expireOutput (id: string): Promise<void> {
    return destroy(id, { before: () => store.expireOutput(id), after: () => store.moveToHistory(id) })
  }

  /** Has the cluster destroy what it keeps of an ended job. It is repeated unless `after` was done. */
  function destroy (
    id: string, { before = async () => {}, after }: { before?: () => Promise<void>, after: () => Promise<void> }
  ): Promise<void> {
    return lock(id, async () => {
      const job = store.get(id)
      if (job === undefined) return
      if (!isEnded(job.status)) {
        throw new LauncherError('JobNotEnded', `Job ${id} is ${job.status}; only ended jobs can be forgotten.`, {
          jobStatus: job.status
        })
      }
      await before()
      await clusters.get(job.cluster)?.plugin.destroy(job)
      await after()
      log.child({ job: id }).debug('job destroyed')
    })
  }

  return {
    async submit (body, requester, { idempotencyKey, key: ownKey, dryRun = false, isAbandoned } = {}) {
      const { count, ...wanted } = body
      const by = requester.user ?? ''
      const idempotency = idempotencyKey === undefined || dryRun
        ? undefined
        : { user: by, key: idempotencyKey, bodyHash: await bodyHash(body) }
      const key = ownKey === undefined ? undefined : { user: by, key: ownKey }
      const first = (idempotency && store.repeated(idempotency)) ?? (key && unended(store.byKey(key)))
      if (first !== undefined) return { job: first, ids: idsOf(first), created: false }
      // A dry run explains, because only then the cluster's backend is asked.
      const decision = await decide(wanted, contextOf(requester), { explain: dryRun })
      const submission = admittedOrThrow(decision)
      const { user, groups, cluster } = decision
      if (count !== undefined) checkArray(count, submission, cluster)
      // A job that a lost database had may run with this key: one of its own on any cluster.
      if (key !== undefined) requireAdopted('The key')
      if (idempotency !== undefined) requireAdopted('The Idempotency-Key', [cluster.name])
      const added = {
        user,
        groups,
        cluster: cluster.name,
        submission,
        submissionTime: Date.now(),
        ...(idempotency && { idempotency }),
        ...(key && { key })
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
      const newJobs = count === undefined ? [{ id: newId(), ...added }] : newArray(added, count, newId)
      checkRoom(cluster, newJobs.length)
      const room = cluster.starts.roomFor({ user, groups }) - cluster.accepting
      const jobs = newJobs.map((job, index) => index < room ? job : { ...job, ...STORED_SLOT_WAIT })
      const diskProblem = disk.problem()
      if (diskProblem !== undefined) throw diskProblem
      cluster.accepting += jobs.length
      try {
        const stored = await store.insertAll(jobs, isAbandoned)
        const job = stored.jobs[0]!
        if (!stored.created) return { job, ids: idsOf(job), created: false }
        log.child({ job: job.id })
          .info({ user, cluster: cluster.name, name: submission.name, ...(count && { count }) }, 'job accepted')
        for (const each of stored.jobs) {
          leases.begin(each)
          reconciler.start(each)
        }
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
    shown: job => withSlotWait(job, clusters.get(job.cluster)?.starts),
    byKey (key, { user = '' }) {
      const job = store.byKey({ user, key })
      if (job !== undefined) return job
      requireAdopted(`The job with the key ${key}`)
      throw new LauncherError('JobNotFound', `There is no job with the key ${key}.`)
    },
    list: store.list,
    groups: store.groups,
    requireUnused: store.requireUnused,
    requireKnownClusters: names => requireKnownClusters(names, { clusters, store }),
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
    holdLease: leases.hold,
    usage,
    remove: id => remove(id, 'deleted'),
    clusterOf,
    changed: reconciler.enqueue,
    retryFailing: reconciler.retryFailing,
    async begin () {
      await adoption.begin()
      usage.begin()
      stopExpiry = startExpiry({
        store,
        expiryMs,
        historyMs,
        expireOutput,
        remove: id => remove(id, 'expired'),
        log
      })
    },
    async close () {
      closing.abort()
      leases.close()
      await stopExpiry()
      await reconciler.close()
      await usage.close()
    }
  }
}

function unended (job: Job | undefined): Job | undefined {
  return job === undefined || isEnded(job.status) ? undefined : job
}

/** The reason and the message that the pending job would have. */
function expectedReason ({ explanation }: PlacedDecision): Pick<Job, 'reason' | 'message'> {
  const { reason, message } = explanation?.expectedWait ?? {}
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) }
}
