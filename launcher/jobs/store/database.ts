// Opens the SQLite file and groups writes: all writes requested in one event-loop iteration are one commit.

import { chmodSync, closeSync, fdatasync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { LauncherError, isLauncherError } from '../../errors.ts'
import { singleFlight } from '../../lib/single-flight.ts'
import { isDiskFull } from '../../lib/disk-full.ts'
import { RETRY_AFTER_SECONDS } from '../disk.ts'
import { allocateLog, allocatePages, closeToReserve, reserveAsLog, type Reserve } from './allocated-room.ts'
import { openFailure } from './open-failure.ts'

/** Version of the tables. A file with a newer version is rejected, one with an older version is migrated. */
const SCHEMA_VERSION = 3

const ADDED_IN_3 = `
ALTER TABLE jobs ADD COLUMN end_count INTEGER;
DROP INDEX jobs_by_end;
CREATE INDEX jobs_by_end ON jobs (coalesce(end_count, 0), end_time) WHERE end_time IS NOT NULL;
CREATE TABLE adopted_clusters (cluster TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE removed_keys (
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  job_id TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  exit_code INTEGER,
  end_time INTEGER,
  removed INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) WITHOUT ROWID;
CREATE INDEX removed_keys_by_time ON removed_keys (removed);
CREATE TABLE steady_clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count_ms INTEGER NOT NULL,
  boot TEXT NOT NULL,
  boot_ms INTEGER NOT NULL
);
`

const SCHEMA = `
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  cluster TEXT NOT NULL,
  submission TEXT NOT NULL,
  submission_time INTEGER NOT NULL,
  status TEXT NOT NULL,
  revision INTEGER NOT NULL,
  last_update_time INTEGER NOT NULL,
  handed_over INTEGER NOT NULL DEFAULT 0,
  start_time INTEGER,
  end_time INTEGER,
  reason TEXT,
  message TEXT,
  exit_code INTEGER,
  pid INTEGER,
  host TEXT,
  intent TEXT,
  user_groups TEXT
);
CREATE INDEX jobs_by_user ON jobs (user, id);
CREATE INDEX jobs_by_status ON jobs (status, id);
CREATE INDEX jobs_by_cluster ON jobs (cluster, id);
CREATE INDEX jobs_by_revision ON jobs (revision);
CREATE INDEX jobs_by_end ON jobs (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE job_tags (tag TEXT NOT NULL, job_id TEXT NOT NULL, PRIMARY KEY (tag, job_id)) WITHOUT ROWID;
CREATE INDEX job_tags_by_job ON job_tags (job_id);
CREATE TABLE transitions (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL,
  time INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  message TEXT,
  exit_code INTEGER
);
CREATE INDEX transitions_by_job ON transitions (job_id);
CREATE TABLE idempotency_keys (
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  job_id TEXT NOT NULL,
  PRIMARY KEY (user, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);
${ADDED_IN_3}`

/**
 * Revisions skipped at each start. The last revisions that an earlier launcher published may not have reached the disk,
 * and a published revision must never be used again.
 */
const REVISION_GAP = 1_000_000

/** Migrations to each version from the previous one. */
const MIGRATIONS: Readonly<Record<number, string>> = {
  2: 'ALTER TABLE jobs ADD COLUMN user_groups TEXT;',
  3: `${ADDED_IN_3} INSERT INTO adopted_clusters SELECT DISTINCT cluster FROM jobs;`
}

export interface Database {
  /**
   * For reads, and for the statements that `write` runs. Reads see committed data, some milliseconds before it is on
   * disk.
   */
  readonly sqlite: DatabaseSync
  /**
   * Runs `work` in the next grouped commit and resolves with its result once the commit is on disk. `work` may throw a
   * LauncherError before its first change, which rejects only this write. Any other failure rolls back the whole group:
   * every write in it rejects with StoreUnavailable.
   */
  write<T> (work: () => T): Promise<T>
  /** Allocates room for further pages, if the disk has it. With a reserve, to be called from time to time. */
  allocateRoom (): void
  /** Commits the queued writes and closes the file. */
  close (): Promise<void>
}

export interface DatabaseOptions {
  readonly sync?: Sync
  /** No other process can open or lock the file until it is closed, because a request would wait for such a lock. */
  readonly exclusive?: boolean
  /** The database allocates as much for its log, and frees the reserve if it still has no room for a write. */
  readonly reserve?: Reserve | undefined
}

/**
 * Called once a group is on disk, before its writes resolve, with the seconds it took. `ok` is false if the group
 * failed. Called in commit order.
 */
export type OnCommit = (seconds: number, ok: boolean) => void

interface GroupEvents {
  /** The group is committed but not yet on disk: it survives a kill of the launcher, but maybe not a power failure. */
  readonly committed?: () => void
  readonly done: OnCommit
}

/** Called before the first write of a group runs. */
export type BeginGroup = () => GroupEvents

interface QueuedWrite {
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** A group whose transaction is committed, with the writes that wait for it to be on disk. */
interface Group {
  readonly started: number
  readonly writes: readonly QueuedWrite[]
  readonly outcomes: ReadonlyArray<() => void>
  readonly events: GroupEvents
}

/** Syncs the data of a file to disk. */
export type Sync = (descriptor: number) => Promise<void>

/**
 * `file` is a path or `:memory:`. Throws the error of `openFailure`, and DatabaseInvalid for a newer version. SQLite
 * does not wait for the disk at a commit, which would block the event loop. `sync` waits instead, asynchronously;
 * writes requested meanwhile form the next group.
 */
export function openDatabase (
  file: string,
  beginGroup: BeginGroup = () => ({ done () {} }),
  { sync = promisify(fdatasync), exclusive = false, reserve }: DatabaseOptions = {}
): Database {
  const sqlite = openWithRoom(file, exclusive, reserve)
  let queued: QueuedWrite[] = []
  let committed: Group[] = []
  let flushing: Promise<void> | undefined
  const syncing = singleFlight(syncAll)
  let walDescriptor: number | undefined

  function flush (): void {
    flushing = undefined
    const writes = queued
    queued = []
    commit(writes)
  }

  function commit (writes: readonly QueuedWrite[]): void {
    const started = performance.now()
    const outcomes: Array<() => void> = []
    const events = beginGroup()
    try {
      sqlite.exec('BEGIN IMMEDIATE')
      for (const { work, resolve, reject } of writes) {
        try {
          const value = work()
          outcomes.push(() => resolve(value))
        } catch (error) {
          if (!isLauncherError(error)) throw error
          outcomes.push(() => reject(error))
        }
      }
      sqlite.exec('COMMIT')
    } catch (error) {
      rollBack()
      if (!isDiskFull(error) || reserve?.release() !== true) {
        rejectGroup({ started, writes, outcomes, events }, error)
        return
      }
      events.done((performance.now() - started) / 1000, false)
      commit(writes)
      return
    }
    committed.push({ started, writes, outcomes, events })
    events.committed?.()
    syncing.run()
  }

  /** Syncs the log until all groups are settled. Everything committed before a sync begins is on disk when it ends. */
  async function syncAll (): Promise<void> {
    while (committed.length > 0) {
      const groups = committed
      committed = []
      try {
        await syncWal()
      } catch (error) {
        for (const group of groups) rejectGroup(group, error)
        continue
      }
      for (const { started, outcomes, events } of groups) {
        events.done((performance.now() - started) / 1000, true)
        for (const settle of outcomes) settle()
      }
    }
  }

  async function syncWal (): Promise<void> {
    if (file === ':memory:') return
    try {
      // SQLite truncates the file at a checkpoint, but does not replace it while the database is open.
      await sync(walDescriptor ??= openSync(`${file}-wal`, 'r'))
    } catch (error) {
      // The kernel drops pages that it failed to write. A checkpoint writes all of them again, into the database file.
      const checkpoint = sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
      if (checkpoint.busy !== 0) throw error
      if (reserve !== undefined) allocateLog(sqlite, file, reserve.reserveBytes)
    }
  }

  function rejectGroup ({ started, writes, events }: Group, cause: unknown): void {
    events.done((performance.now() - started) / 1000, false)
    const error = new LauncherError(
      'StoreUnavailable',
      `The database ${file} cannot be written: ${(cause as Error).message}.`,
      { file, ...(isDiskFull(cause) && { retryAfterSeconds: RETRY_AFTER_SECONDS }) },
      { cause }
    )
    for (const { reject } of writes) reject(error)
  }

  function rollBack (): void {
    try {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
    } catch {
      // The database is closed or the file unusable. The error that rejects the group says so.
    }
  }

  async function close (): Promise<void> {
    if (flushing !== undefined || syncing.inProgress() !== undefined) {
      await flushing
      await syncing.inProgress()
      return await close()
    }
    if (walDescriptor !== undefined) closeSync(walDescriptor)
    walDescriptor = undefined
    if (sqlite.isOpen) closeSqlite(sqlite, file, reserve)
  }

  return {
    sqlite,
    write<T> (work: () => T) {
      return new Promise<T>((resolve, reject) => {
        queued.push({ work, resolve: resolve as (value: unknown) => void, reject })
        flushing ??= new Promise(resolve => setImmediate(() => { flush(); resolve() }))
      })
    },
    allocateRoom () {
      if (reserve === undefined) return
      try {
        allocatePages(sqlite, reserve.reserveBytes)
      } catch {
        // The disk has no room for them now.
      }
    },
    close
  }
}

/** Throws as `openDatabase`. */
function openWithRoom (file: string, exclusive: boolean, reserve: Reserve | undefined): DatabaseSync {
  if (reserve === undefined) return open(file, exclusive, reserve)
  reserveAsLog(file, reserve.reserveFile)
  const sqlite = openOnFullDisk(file, exclusive, reserve)
  allocateLog(sqlite, file, reserve.reserveBytes)
  try {
    if (allocatePages(sqlite, reserve.reserveBytes)) sqlite.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch {
    // The database works without; `allocateRoom` tries it again.
  }
  return sqlite
}

function openOnFullDisk (file: string, exclusive: boolean, reserve: Reserve): DatabaseSync {
  try {
    return open(file, exclusive, reserve)
  } catch (error) {
    if (!isDiskFull(error) || !reserve.release()) throw error
    return open(file, exclusive, reserve)
  }
}

/** Returns the version of the tables: 0 for an empty file. Throws DatabaseInvalid for that of a later launcher. */
export function refuseNewer (file: string, sqlite: DatabaseSync): number {
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version <= SCHEMA_VERSION) return version
  throw new LauncherError(
    'DatabaseInvalid',
    `The database ${file} has version ${version}; this launcher supports version ${SCHEMA_VERSION}.`,
    { file, version }
  )
}

function closeSqlite (sqlite: DatabaseSync, file: string, reserve: Reserve | undefined): void {
  if (reserve === undefined) sqlite.close()
  else closeToReserve(sqlite, file, reserve)
}

function open (file: string, exclusive: boolean, reserve: Reserve | undefined): DatabaseSync {
  let sqlite: DatabaseSync | undefined
  try {
    sqlite = new DatabaseSync(file)
    if (file !== ':memory:') chmodSync(file, 0o600)
    sqlite.exec(`PRAGMA busy_timeout = 2000; PRAGMA locking_mode = ${exclusive ? 'EXCLUSIVE' : 'NORMAL'}`)
    // The data of a deleted job, including its secrets, must not remain in unused pages.
    sqlite.exec(
      'PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL'
    )
    const version = refuseNewer(file, sqlite)
    if (version === 0) {
      sqlite.exec(`BEGIN EXCLUSIVE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
    } else if (version < SCHEMA_VERSION) {
      for (let next = version + 1; next <= SCHEMA_VERSION; next++) {
        sqlite.exec(`BEGIN EXCLUSIVE; ${MIGRATIONS[next]!} PRAGMA user_version = ${next}; COMMIT`)
      }
    }
    sqlite.exec(
      'PRAGMA synchronous = FULL; ' +
      `UPDATE sqlite_sequence SET seq = seq + ${REVISION_GAP} WHERE name = 'transitions'; ` +
      'PRAGMA synchronous = NORMAL'
    )
    return sqlite
  } catch (error) {
    if (sqlite?.isOpen) closeSqlite(sqlite, file, reserve)
    if (isLauncherError(error)) throw error
    throw openFailure(file, error)
  }
}
