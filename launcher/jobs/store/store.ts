// The store of jobs, their transitions and idempotency keys. New jobs and outcomes are on disk before they are
// published.

import { LauncherError } from '../../errors.ts'
import { bootTime } from '../../lib/boot-time.ts'
import { turnForLarge } from '../../lib/turn-for-large.ts'
import type { Idempotency } from '../../model/idempotency.ts'
import type { Job, JobSubmission, RecoveredJob } from '../../model/job.ts'
import type { JobKey } from '../../model/job-key.ts'
import { isEnded } from '../../model/status.ts'
import type { JobUsage } from '../../model/job-usage.ts'
import { createAdoptedClusters, type AdoptedClusters } from './adopted-clusters.ts'
import { applyChange, wouldChange, type Change } from './apply-change.ts'
import { openDatabase, type Database, type DatabaseOptions, type OnCommit } from './database.ts'
import { createDatabaseId, type DatabaseId } from './database-id.ts'
import { createEndedJobs, type EndedJobs } from './ended-jobs.ts'
import { createIntents, type Intents } from './intents.ts'
import { createJobQueries, type JobQueries } from './job-queries.ts'
import { createJobTable } from './job-table.ts'
import { createOrderedPublisher, type Transition } from './ordered-publisher.ts'
import { createRecentJobs } from './recent-jobs.ts'
import { createRemovals, isRemoved, type RemovalCause, type Removals, type Removed } from './removals.ts'
import { createRemovedKeys, type RemovedKeys } from './removed-keys.ts'
import { createSteadyClock, type SteadyClock } from './steady-clock.ts'
import { createTransitions, type Transitions } from './transitions.ts'

/** A job that is not stored yet. */
type NewJob = RecoveredJob & Pick<Job, 'cluster' | 'reason' | 'message'> & { submittedToBackend?: boolean }

export interface Store extends
  AdoptedClusters,
  DatabaseId,
  JobQueries,
  Omit<EndedJobs, 'note' | 'moveToHistory'>,
  Omit<Removals, 'add'>,
  Omit<RemovedKeys, 'keep'>,
  Pick<Intents, 'setIntent' | 'keepIntent' | 'storeKeptIntent'>,
  Omit<Transitions, 'add' | 'remove'> {
  /**
   * Stores a job as Pending. If its key was used before, resolves with the first job, or rejects with
   * IdempotencyKeyReused if the body differs, or with JobRemoved if the first job was removed. Rejects with
   * RequestAbandoned, and stores nothing, if `isAbandoned` then returns true.
   */
  insert (job: NewJob, isAbandoned?: () => boolean): Promise<{ job: Job, created: boolean }>
  /**
   * Stores a job, or the jobs of one array, all or none. These have the same submission and the same key. Otherwise as
   * `insert`: resolves with one job of the first array if the key was used before, and with the job of the same host's
   * name that has not ended.
   */
  insertAll (jobs: readonly NewJob[], isAbandoned?: () => boolean): Promise<{ jobs: Job[], created: boolean }>
  /** Stores a job that the store has lost. If its key was used for another job meanwhile, the key stays with that. */
  insertRecovered (job: NewJob): Promise<Job>
  /**
   * Returns the job that a submission with this key created, or one of its array. Throws IdempotencyKeyReused if the
   * body differs, and JobRemoved if the job, or each of the array, was removed.
   */
  repeated (idempotency: Idempotency): Job | undefined
  /** Returns the job with the host's own name that has not ended, else the newest with the name. */
  byKey (key: JobKey): Job | undefined
  /** The returned job is shared between callers, which must not change it. */
  get (id: string): Job | undefined
  /**
   * Resolves with the job after the change, or undefined if the change is ignored: the job is missing or has ended, the
   * status table forbids it, or nothing differs.
   */
  change (id: string, change: Change): Promise<Job | undefined>
  /** Keeps what unfinished jobs have used until now, for the next launcher. No stream shows it. */
  saveUsage (usages: ReadonlyArray<readonly [id: string, usage: JobUsage]>): Promise<void>
  /**
   * Notes that the output of an ended job is to be removed, and removes standard input and the values of secrets. No
   * stream shows it.
   */
  expireOutput (id: string): Promise<void>
  /** The output of the job was removed: the job is in the history now. */
  moveToHistory (id: string): Promise<void>
  /** The job's key is kept, so that a repeated submission rejects with JobRemoved. */
  remove (id: string, cause?: RemovalCause): Promise<void>
  /** As `SteadyClock.save`. */
  saveTime: SteadyClock['save']
  /** As `Database.allocateRoom`. */
  allocateRoom (): void
  close (): Promise<void>
}

export interface StoreEvents {
  onCommit?: OnCommit
  /**
   * Called with every changed job in revision order: with new, ended and removed jobs once the change is on disk, with
   * others on commit. After a power failure the launcher may have to observe these other changes again.
   */
  onTransitions?: (events: Array<Job | Removed>) => void
  /** Called before `onTransitions`, with every changed job, also with one whose change no stream shows. */
  onChanged?: (jobs: Job[]) => void
}

/** Bytes that a job needs in the database beside its submission, at most. */
const JOB_BYTES = 2048
/** Bytes that the usage of a job needs, at most. */
const USAGE_BYTES = 256

/** Revisions continue after `firstRevision` if the file has none as high. */
export function openStore (
  file: string,
  { onCommit, onTransitions, onChanged, firstRevision = 0, ...options }: StoreEvents & DatabaseOptions & {
    firstRevision?: number
  } = {},
  now: () => number = Date.now,
  readBootTime = bootTime
): Store {
  const recent = createRecentJobs()
  const { database, publishLater } = openPublishing(file, {
    onCommit (seconds, ok) {
      if (!ok) recent.clear()
      onCommit?.(seconds, ok)
    },
    ...(onTransitions && { onTransitions }),
    ...(onChanged && { onChanged })
  }, options)
  const removals = createRemovals(database, now)
  const transitions = createTransitions(database, removals, firstRevision)
  const clock = createSteadyClock(database, readBootTime)
  const endedJobs = createEndedJobs(database, clock, now)
  const removedKeys = createRemovedKeys(database, clock)
  const jobs = createJobTable(database, recent)
  const intents = createIntents(database, jobs)

  function get (id: string): Job | undefined {
    const job = jobs.get(id)
    return job && intents.withKept(job)
  }

  function repeated (idempotency: Idempotency): Job | undefined {
    const id = jobs.idOfKey(idempotency)
    if (id !== undefined) return get(id)
    removedKeys.requireUnused(idempotency)
    return undefined
  }

  function byKey (key: JobKey): Job | undefined {
    const id = jobs.idOfJobKey(key)
    return id === undefined ? undefined : get(id)
  }

  function unendedByKey (key: JobKey): Job | undefined {
    const job = byKey(key)
    return job === undefined || isEnded(job.status) ? undefined : job
  }

  /** Gives the job, which is a new object, its revision. */
  function transition (job: Job, isNew: boolean): Job {
    job.lastUpdateTime = now()
    job.revision = transitions.add(job)
    publishLater({ event: job, afterSync: isNew || isEnded(job.status) })
    return job
  }

  /** Runs in a write. */
  function add (added: NewJob, submission: string): Job {
    const job = transition(
      { submittedToBackend: false, ...added, status: 'Pending', revision: 0, lastUpdateTime: 0 },
      true
    )
    jobs.insert(job, submission)
    return job
  }

  /** Runs in a write. */
  function change (id: string, change: Change): Job | undefined {
    const job = get(id)
    const changed = job && applyChange(job, change, now)
    if (changed === undefined) return undefined
    const stored = changed.isTransition ? transition(changed.job, false) : changed.job
    if (!changed.isTransition) publishLater({ event: stored, afterSync: false, isSilent: true })
    jobs.update(stored)
    if (isEnded(stored.status)) endedJobs.note(id)
    return stored
  }

  async function insertAll (
    added: readonly NewJob[], isAbandoned?: () => boolean
  ): Promise<{ jobs: Job[], created: boolean }> {
    const { submission, idempotency, key } = added[0]!
    const text = await asJson(submission)
    return database.write(() => {
      if (isAbandoned?.() === true) {
        throw new LauncherError('RequestAbandoned', 'The client closed the connection before the job was stored.')
      }
      const first = (idempotency && repeated(idempotency)) ?? (key && unendedByKey(key))
      return first === undefined
        ? { jobs: added.map(job => add(job, text)), created: true }
        : { jobs: [first], created: false }
    }, added.length * (Buffer.byteLength(text) + JOB_BYTES))
  }

  return {
    ...createAdoptedClusters(database),
    ...createDatabaseId(database),
    ...createJobQueries(database),
    endedLongAgo: endedJobs.endedLongAgo,
    historyLongAgo: endedJobs.historyLongAgo,
    requireUnused: removedKeys.requireUnused,
    forgetOldKeys: removedKeys.forgetOldKeys,
    setIntent: intents.setIntent,
    keepIntent: intents.keepIntent,
    storeKeptIntent: intents.storeKeptIntent,
    completeAfter: removals.completeAfter,
    forgetOldRemovals: removals.forgetOldRemovals,
    transitionsAfter: transitions.transitionsAfter,
    before: transitions.before,
    revision: transitions.revision,
    lastRevision: transitions.lastRevision,
    isResumable: transitions.isResumable,
    saveTime: clock.save,
    repeated,
    byKey,
    get,

    insertAll,

    async insert (added, isAbandoned) {
      const { jobs, created } = await insertAll([added], isAbandoned)
      return { job: jobs[0]!, created }
    },

    async insertRecovered (added) {
      const submission = await asJson(added.submission)
      return database.write(() => add(added, submission))
    },

    async change (id, wanted) {
      const job = get(id)
      // Most events of a cluster change nothing. A write would cost a commit and a sync all the same.
      if (job === undefined || !wouldChange(job, wanted)) return undefined
      const changed = await database.write(() => change(id, wanted))
      if (changed !== undefined) intents.stored(changed)
      return changed
    },

    saveUsage: usages => database.write(() => {
      for (const [id, usage] of usages) jobs.updateUsage(id, usage)
    }, usages.length * USAGE_BYTES),

    expireOutput: id => database.write(() => {
      const job = get(id)
      if (job === undefined || !isEnded(job.status) || job.outputExpired === true) return
      const { stdin: _, secrets, ...rest } = job.submission
      const kept = secrets?.map(({ name }) => ({ name, value: '' }))
      jobs.replaceSubmission({ ...job, submission: { ...rest, ...(kept && { secrets: kept }) }, outputExpired: true })
    }),

    moveToHistory: id => database.write(() => endedJobs.moveToHistory(id)),

    remove: (id, cause = 'deleted') => database.write(() => {
      const job = get(id)
      if (job === undefined) return
      removedKeys.keep(id)
      transitions.remove(id)
      publishLater({ event: removals.add(job, cause), afterSync: true })
      jobs.remove(id)
      intents.forget(id)
    }),

    allocateRoom: database.allocateRoom,
    close: database.close
  }
}

/** `publishLater` publishes a change of the running write, once its commit allows it. */
function openPublishing (
  file: string,
  { onCommit, onTransitions, onChanged }: StoreEvents,
  options: DatabaseOptions
): { database: Database, publishLater: (transition: Transition) => void } {
  const { committed, synced } = createOrderedPublisher(transitions => {
    onChanged?.(transitions.flatMap(({ event }) => isRemoved(event) ? [] : [event]))
    const events = transitions.filter(({ isSilent }) => isSilent !== true).map(({ event }) => event)
    if (events.length > 0) onTransitions?.(events)
  })
  let running: Transition[] = []
  const database = openDatabase(file, () => {
    const group = running = [] as Transition[]
    return {
      committed: () => committed(group),
      done (seconds, ok) {
        onCommit?.(seconds, ok)
        synced(group, ok)
      }
    }
  }, options)
  return { database, publishLater: transition => { running.push(transition) } }
}

/** A large text and the write that stores it take a turn of the event loop each. */
async function asJson (submission: JobSubmission): Promise<string> {
  const text = JSON.stringify(submission)
  await turnForLarge(text.length)
  return text
}
