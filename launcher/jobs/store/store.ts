// The store of jobs, their transitions and idempotency keys. New jobs and outcomes are on disk before they are
// published.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { LauncherError } from '../../errors.ts'
import { bootTime } from '../../lib/boot-time.ts'
import type { Idempotency } from '../../model/idempotency.ts'
import type { Intent, Job } from '../../model/job.ts'
import { canFollow, isEnded, type JobStatus } from '../../model/status.ts'
import { createAdoptedClusters, type AdoptedClusters } from './adopted-clusters.ts'
import { openDatabase, type DatabaseOptions, type OnCommit } from './database.ts'
import { createEndedJobs, type EndedJobs } from './ended-jobs.ts'
import { createOrderedPublisher, type Transition } from './ordered-publisher.ts'
import { CHANGING_COLUMNS, changingValues, jobOf, rememberSize, type Row } from './job-row.ts'
import { conditionsOf, queryById, type Condition, type JobFilter } from './filter.ts'
import { createRecentJobs } from './recent-jobs.ts'
import { createRemovedKeys, keyReused, type RemovedKeys } from './removed-keys.ts'
import { createSteadyClock, type SteadyClock } from './steady-clock.ts'

/** A job that is not stored yet. */
type NewJob =
  Pick<Job, 'id' | 'user' | 'groups' | 'cluster' | 'submission' | 'submissionTime' | 'idempotency'> & {
    submittedToBackend?: boolean
    intent?: Intent
  }

/** A change of a job. It is ignored if the status table does not allow its status after the present one. */
export type Change = Partial<
  Pick<Job, 'status' | 'submittedToBackend' | 'startTime' | 'endTime' | 'exitCode' | 'pid' | 'host'>
> & {
  /** Undefined removes it. */
  reason?: string | undefined
  message?: string | undefined
}

export interface Store extends AdoptedClusters, Omit<EndedJobs, 'note'>, Omit<RemovedKeys, 'keep'> {
  /**
   * Stores a job as Pending. If its key was used before, resolves with the first job, or rejects with
   * IdempotencyKeyReused if the body differs, or with JobRemoved if the first job was removed. Rejects with
   * RequestAbandoned, and stores nothing, if `isAbandoned` then returns true.
   */
  insert (job: NewJob, isAbandoned?: () => boolean): Promise<{ job: Job, created: boolean }>
  /** Stores a job that the store has lost. If its key was used for another job meanwhile, the key stays with that. */
  insertRecovered (job: NewJob): Promise<Job>
  /**
   * Returns the job that a submission with this key created. Throws IdempotencyKeyReused if its body differs, and
   * JobRemoved if the job was removed.
   */
  repeated (idempotency: Idempotency): Job | undefined
  /** The returned job is shared between callers, which must not change it. */
  get (id: string): Job | undefined
  /**
   * Newest first; `before` is an id (exclusive). Returns fewer jobs than `limit` if their submissions are large, and at
   * least one if one matches. Without `withSubmission` nothing of a submission is read: each job has an empty one.
   */
  list (filter: JobFilter, limit: number, before?: string, options?: { withSubmission?: boolean }): Job[]
  /** By revision, oldest change first; `after` is a revision (exclusive). */
  listByRevision (filter: JobFilter, limit: number, after: number): Job[]
  /** Ids of the jobs that have not ended. */
  unfinished (): string[]
  /**
   * Resolves with the job after the change, or undefined if the change is ignored: the job is missing or has ended, the
   * status table forbids it, or nothing differs.
   */
  change (id: string, change: Change): Promise<Job | undefined>
  /** If it rejects, the job keeps the intent that it had. */
  setIntent (id: string, intent: Intent | undefined): Promise<void>
  /**
   * Gives the job an intent that could not be stored, or takes it back. `get` returns the job with it, and the next
   * change of the job stores it. A crash before that loses it.
   */
  keepIntent (id: string, intent: Intent | undefined): void
  /** Stores the intent that the job was given by `keepIntent`, if it still has one. */
  storeKeptIntent (id: string): Promise<void>
  /** Returns jobs as they were at each transition after `revision`, oldest first; fewer than `limit` as in `list`. */
  transitionsAfter (revision: number, limit: number): Job[]
  /** Revision of the newest transition, even if its job was removed. */
  revision (): number
  /** The job's key is kept, so that a repeated submission rejects with JobRemoved. */
  remove (id: string): Promise<void>
  /** As `SteadyClock.save`. */
  saveTime: SteadyClock['save']
  counts (): Array<{ cluster: string, status: JobStatus, count: number }>
  /** As `Database.allocateRoom`. */
  allocateRoom (): void
  close (): Promise<void>
}

export interface StoreEvents {
  onCommit?: OnCommit
  /**
   * Called with every changed job in revision order: with new and ended jobs once the change is on disk, with others on
   * commit. After a power failure the launcher may have to observe these other changes again.
   */
  onTransitions?: (jobs: Job[]) => void
}

/** Bytes of submissions after which a page ends: some milliseconds of reading. */
const MAX_PAGE_BYTES = 1 << 18
/** The same for a page without submissions: SQLite only follows the list of their pages. */
const MAX_SKIPPED_BYTES = 1 << 25
/** Stands for the submission of a job that is read without it. */
const NO_SUBMISSION = JSON.stringify({ name: '' })

/** Prepared statements of filters to cache. */
const MAX_STATEMENTS = 32

/** Revisions continue after `firstRevision` if the file has none as high. */
export function openStore (
  file: string,
  { onCommit, onTransitions, firstRevision = 0, ...options }: StoreEvents & DatabaseOptions & {
    firstRevision?: number
  } = {},
  now: () => number = Date.now,
  readBootTime = bootTime
): Store {
  let changed: Transition[] = []
  const recent = createRecentJobs()
  const keptIntents = new Map<string, Intent>()
  const { committed, synced } = createOrderedPublisher(jobs => onTransitions?.(jobs))
  const database = openDatabase(file, () => {
    const group: Transition[] = []
    changed = group
    return {
      committed: () => committed(group),
      done (seconds, ok) {
        if (!ok) recent.clear()
        onCommit?.(seconds, ok)
        synced(group, ok)
      }
    }
  }, options)
  const { sqlite } = database
  if (firstRevision > 0) raiseRevision(sqlite, firstRevision)
  const prepare = (sql: string) => sqlite.prepare(sql)
  const prepared = cachedStatements(prepare)
  const clock = createSteadyClock(database, readBootTime)
  const endedJobs = createEndedJobs(database, clock, now)
  const removedKeys = createRemovedKeys(database, clock)
  const selectJob = prepare(
    'SELECT jobs.*, k.user AS key_user, k.key, k.body_hash ' +
    'FROM jobs LEFT JOIN idempotency_keys k ON k.job_id = jobs.id WHERE jobs.id = ?'
  )
  const selectState = prepare(
    `SELECT id, user, cluster, '${NO_SUBMISSION}' AS submission, submission_time, ${CHANGING_COLUMNS.join(', ')} ` +
    'FROM jobs WHERE id = ?'
  )
  const selectKey = prepare('SELECT body_hash, job_id FROM idempotency_keys WHERE user = ? AND key = ?')
  const insertJob = prepare(
    `INSERT INTO jobs (id, user, user_groups, cluster, submission, submission_time, ${CHANGING_COLUMNS.join(', ')}) ` +
    `VALUES (${Array(18).fill('?').join(', ')})`
  )
  const insertTag = prepare('INSERT OR IGNORE INTO job_tags (tag, job_id) VALUES (?, ?)')
  const insertKey = prepare('INSERT OR IGNORE INTO idempotency_keys (user, key, body_hash, job_id) VALUES (?, ?, ?, ?)')
  const insertTransition = prepare(
    'INSERT INTO transitions (job_id, time, status, reason, message, exit_code) VALUES (?, ?, ?, ?, ?, ?)'
  )
  const updateJob = prepare(
    `UPDATE jobs SET ${CHANGING_COLUMNS.map(column => `${column} = ?`).join(', ')} WHERE id = ?`
  )
  const updateIntent = prepare('UPDATE jobs SET intent = ? WHERE id = ?')
  const selectUnfinished = prepare(
    "SELECT id FROM jobs WHERE status IN ('Pending', 'Running', 'Suspended') ORDER BY id"
  )
  const selectSizesAfter = prepare(`
    SELECT t.revision, octet_length(jobs.submission) AS bytes
    FROM transitions t JOIN jobs ON jobs.id = t.job_id WHERE t.revision > ? ORDER BY t.revision LIMIT ?`)
  const selectTransition = prepare(`
    SELECT jobs.*, t.revision, t.time AS last_update_time, t.status, t.reason, t.message, t.exit_code
    FROM transitions t JOIN jobs ON jobs.id = t.job_id WHERE t.revision = ?`)
  const selectRevision = prepare("SELECT seq AS revision FROM sqlite_sequence WHERE name = 'transitions'")
  const selectCounts = prepare('SELECT cluster, status, count(*) AS count FROM jobs GROUP BY cluster, status')
  const removals = ['transitions', 'job_tags', 'idempotency_keys'].map(table =>
    prepare(`DELETE FROM ${table} WHERE job_id = ?`)
  )
  const removeJob = prepare('DELETE FROM jobs WHERE id = ?')

  function get (id: string): Job | undefined {
    const job = stored(id)
    const intent = keptIntents.get(id)
    return job === undefined || intent === undefined ? job : { ...job, intent }
  }

  function stored (id: string): Job | undefined {
    const cached = recent.get(id)
    if (cached !== undefined) return cached
    const row = selectJob.get(id)
    if (row === undefined) return undefined
    const job = jobOf(row as Row)
    recent.remember(job, (row.submission as string).length)
    return job
  }

  function repeated ({ user, key, bodyHash }: Idempotency): Job | undefined {
    const earlier = selectKey.get(user, key)
    if (earlier === undefined) {
      removedKeys.requireUnused({ user, key, bodyHash })
      return undefined
    }
    if (earlier.body_hash === bodyHash) return get(earlier.job_id as string)
    throw keyReused(earlier.job_id as string)
  }

  function transition (job: Job, isNew: boolean): Job {
    job.lastUpdateTime = now()
    const { lastInsertRowid } = insertTransition.run(
      job.id,
      job.lastUpdateTime,
      job.status,
      job.reason ?? null,
      job.message ?? null,
      job.exitCode ?? null
    )
    job.revision = Number(lastInsertRowid)
    changed.push({ job, afterSync: isNew || isEnded(job.status) })
    return job
  }

  /** Ids and sizes first, because SQLite would read, and may sort, all submissions of a page. */
  function select (from: string, conditions: Condition[], order: string, limit: number, read = selectJob): Job[] {
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`
    const found = prepared(
      `SELECT jobs.id, octet_length(jobs.submission) AS bytes FROM ${from} ${where} ORDER BY ${order} LIMIT ?`
    ).all(...conditions.flatMap(({ values }) => values), limit)
    const maxBytes = read === selectJob ? MAX_PAGE_BYTES : MAX_SKIPPED_BYTES
    return upToBytes(maxBytes, found).map(({ id }) => jobOf(read.get(id as string) as Row))
  }

  async function setIntent (id: string, intent: Intent | undefined): Promise<void> {
    await database.write(() => {
      updateIntent.run(intent === undefined ? null : JSON.stringify(intent), id)
      recent.forget(id)
    })
    keptIntents.delete(id)
  }

  /** Runs in a write. */
  function add (added: NewJob): Job {
    const job = transition(
      { submittedToBackend: false, ...added, status: 'Pending', revision: 0, lastUpdateTime: 0 },
      true
    )
    const submission = JSON.stringify(job.submission)
    insertJob.run(
      job.id,
      job.user,
      job.groups === undefined ? null : JSON.stringify(job.groups),
      job.cluster,
      submission,
      job.submissionTime,
      ...changingValues(job)
    )
    for (const tag of job.submission.tags ?? []) insertTag.run(tag, job.id)
    const { idempotency } = job
    if (idempotency !== undefined) insertKey.run(idempotency.user, idempotency.key, idempotency.bodyHash, job.id)
    rememberSize(job.submission, submission.length)
    recent.remember(job, submission.length)
    return job
  }

  return {
    ...createAdoptedClusters(database),
    endedLongAgo: endedJobs.endedLongAgo,
    requireUnused: removedKeys.requireUnused,
    forgetOldKeys: removedKeys.forgetOldKeys,
    saveTime: clock.save,
    repeated,
    get,

    insert: (added, isAbandoned) =>
      database.write(() => {
        if (isAbandoned?.() === true) {
          throw new LauncherError('RequestAbandoned', 'The client closed the connection before the job was stored.')
        }
        const first = added.idempotency && repeated(added.idempotency)
        return first === undefined ? { job: add(added), created: true } : { job: first, created: false }
      }),

    insertRecovered: added => database.write(() => add(added)),

    list (filter, limit, before, { withSubmission = true } = {}) {
      const { from, idColumn, conditions } = queryById(filter)
      if (before !== undefined) conditions.push({ sql: `${idColumn} < ?`, values: [before] })
      return select(from, conditions, `${idColumn} DESC`, limit, withSubmission ? selectJob : selectState)
    },

    listByRevision: (filter, limit, after) =>
      select('jobs', [...conditionsOf(filter), { sql: 'jobs.revision > ?', values: [after] }], 'jobs.revision', limit),

    unfinished: () => selectUnfinished.all().map(row => row.id as string),

    async change (id, change) {
      const changed = await database.write(() => {
        const job = get(id)
        if (job === undefined || isEnded(job.status)) return undefined
        const statusChanges = change.status !== undefined && change.status !== job.status
        if (statusChanges && !canFollow(job.status, change.status!)) return undefined
        const next = { ...job, ...change } as Job
        if (statusChanges && isEnded(next.status)) next.endTime ??= now()
        const isTransition = statusChanges || next.reason !== job.reason || next.message !== job.message
        if (
          !isTransition &&
          next.submittedToBackend === job.submittedToBackend &&
          next.pid === job.pid &&
          next.host === job.host
        ) { return undefined }
        const stored = isTransition ? transition(next, false) : next
        updateJob.run(...changingValues(stored), id)
        if (isEnded(stored.status)) endedJobs.note(id)
        recent.replace(stored)
        return stored
      })
      if (changed !== undefined && changed.intent === keptIntents.get(id)) keptIntents.delete(id)
      return changed
    },

    setIntent,

    keepIntent (id, intent) {
      if (intent === undefined) keptIntents.delete(id)
      else keptIntents.set(id, intent)
    },

    async storeKeptIntent (id) {
      const intent = keptIntents.get(id)
      if (intent !== undefined) await setIntent(id, intent)
    },

    transitionsAfter: (revision, limit) =>
      upToBytes(MAX_PAGE_BYTES, selectSizesAfter.all(revision, limit))
        .map(row => jobOf(selectTransition.get(row.revision!) as Row)),

    revision: () => Number(selectRevision.get()?.revision ?? 0),

    remove: id => database.write(() => {
      removedKeys.keep(id)
      for (const removal of removals) removal.run(id)
      removeJob.run(id)
      recent.forget(id)
      keptIntents.delete(id)
    }),

    counts: () =>
      selectCounts
        .all()
        .map(row => ({ cluster: row.cluster as string, status: row.status as JobStatus, count: row.count as number })),

    allocateRoom: database.allocateRoom,
    close: database.close
  }
}

function raiseRevision (sqlite: DatabaseSync, revision: number): void {
  try {
    sqlite.exec(
      "INSERT INTO sqlite_sequence SELECT 'transitions', 0 " +
      "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'transitions');" +
      `UPDATE sqlite_sequence SET seq = max(seq, ${revision}) WHERE name = 'transitions'`
    )
  } catch {
    // On a full disk. Streams are resumed with the present state then.
  }
}

/** Returns the first rows until their submissions have `maxBytes` together, the row that reaches it included. */
function upToBytes<T extends Record<string, unknown>> (maxBytes: number, rows: T[]): T[] {
  let bytes = 0
  const last = rows.findIndex(row => (bytes += row.bytes as number) >= maxBytes)
  return last === -1 ? rows : rows.slice(0, last + 1)
}

/** Filters produce many SQL texts, but only a few are frequent: each open stream repeats its own. */
function cachedStatements (prepare: (sql: string) => StatementSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>()
  return sql => {
    const statement = statements.get(sql) ?? prepare(sql)
    statements.delete(sql)
    statements.set(sql, statement)
    if (statements.size > MAX_STATEMENTS) statements.delete(statements.keys().next().value!)
    return statement
  }
}
