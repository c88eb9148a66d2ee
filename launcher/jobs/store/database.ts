// Opens the SQLite file and groups writes: all that is asked for in one turn of the event loop is one commit.

import { chmodSync, closeSync, fdatasync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { LauncherError, isLauncherError } from '../../errors.ts'

/** Version of the tables; a file with a newer one is refused, one with an older one is brought up to it. */
const SCHEMA_VERSION = 2

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
`

/**
 * Numbers of transitions that are left out at each start: what was told of the last ones before it may not have come to
 * the disk, and a number that was told never stands for anything else.
 */
const LEFT_OUT = 1_000_000

/** What brings a file up to each version from the one before. */
const UPGRADES: Readonly<Record<number, string>> = {
  2: 'ALTER TABLE jobs ADD COLUMN user_groups TEXT;'
}

export interface Database {
  /**
   * For reads, and for the statements that `write` runs. Reads see what is committed, some milliseconds before it is on
   * disk.
   */
  readonly sqlite: DatabaseSync
  /**
   * Runs `work` in the next grouped commit and resolves with its result when that is on disk. `work` may throw a
   * LauncherError before its first change to refuse; any other failure undoes the whole group, and all of it rejects
   * with StoreUnavailable.
   */
  write<T> (work: () => T): Promise<T>
  /** Commits what is waiting and closes the file. */
  close (): Promise<void>
}

/**
 * Called when a group is on disk, before those who wait for it are answered, with the seconds it took; `ok` is false
 * when the group was undone. In the order of the commits.
 */
export type OnCommit = (seconds: number, ok: boolean) => void

export interface GroupEvents {
  /** The group is committed and not on disk yet: a killed launcher keeps it, a power failure may not. */
  readonly committed?: () => void
  readonly done: OnCommit
}

/** Called before the first write of a group is run. */
export type BeginGroup = () => GroupEvents

interface Waiting {
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** A group whose transaction is committed: who waits for it to be on disk. */
interface Group {
  readonly started: number
  readonly waiting: readonly Waiting[]
  readonly outcomes: ReadonlyArray<() => void>
  readonly events: GroupEvents
}

/** Puts what was written to a file on disk. */
export type Sync = (descriptor: number) => Promise<void>

/**
 * `file` is a path or `:memory:`. Throws DatabaseInvalid when it is not ours to use. SQLite itself does not wait for
 * the disk at a commit: that would hold the event loop. `sync` does, beside it, and what is asked for meanwhile is the
 * next group.
 */
export function openDatabase (
  file: string,
  beginGroup: BeginGroup = () => ({ done () {} }),
  sync: Sync = promisify(fdatasync)
): Database {
  const sqlite = open(file)
  let waiting: Waiting[] = []
  let committed: Group[] = []
  let flushing: Promise<void> | undefined
  let syncing: Promise<void> | undefined
  let log: number | undefined

  function flush (): void {
    flushing = undefined
    const group = waiting
    waiting = []
    const started = performance.now()
    const outcomes: Array<() => void> = []
    const events = beginGroup()
    try {
      sqlite.exec('BEGIN IMMEDIATE')
      for (const { work, resolve, reject } of group) {
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
      undo()
      refuse({ started, waiting: group, outcomes, events }, error)
      return
    }
    committed.push({ started, waiting: group, outcomes, events })
    events.committed?.()
    syncing ??= syncAll().finally(() => { syncing = undefined })
  }

  /** All that was committed until a sync begins is on disk when it ends. */
  async function syncAll (): Promise<void> {
    while (committed.length > 0) {
      const groups = committed
      committed = []
      try {
        await syncLog()
      } catch (error) {
        for (const group of groups) refuse(group, error)
        continue
      }
      for (const { started, outcomes, events } of groups) {
        events.done((performance.now() - started) / 1000, true)
        for (const settle of outcomes) settle()
      }
    }
  }

  async function syncLog (): Promise<void> {
    if (file === ':memory:') return
    try {
      // SQLite empties the file at a checkpoint but keeps it for as long as the database is open.
      await sync(log ??= openSync(`${file}-wal`, 'r'))
    } catch (error) {
      // The kernel forgets what it could not write; a checkpoint writes all of it again, into the database itself.
      const done = sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
      if (done.busy !== 0) throw error
    }
  }

  function refuse ({ started, waiting, events }: Group, cause: unknown): void {
    events.done((performance.now() - started) / 1000, false)
    const refusal = new LauncherError(
      'StoreUnavailable',
      `The database ${file} cannot be written: ${(cause as Error).message}.`,
      { file },
      { cause }
    )
    for (const { reject } of waiting) reject(refusal)
  }

  function undo (): void {
    try {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
    } catch {
      // Closed, or the file is beyond use: what the group was refused for says so.
    }
  }

  async function close (): Promise<void> {
    if (flushing !== undefined || syncing !== undefined) {
      await flushing
      await syncing
      return await close()
    }
    if (log !== undefined) closeSync(log)
    log = undefined
    if (sqlite.isOpen) sqlite.close()
  }

  return {
    sqlite,
    write<T> (work: () => T) {
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
        flushing ??= new Promise(resolve => setImmediate(() => { flush(); resolve() }))
      })
    },
    close
  }
}

function open (file: string): DatabaseSync {
  let sqlite: DatabaseSync | undefined
  try {
    sqlite = new DatabaseSync(file)
    if (file !== ':memory:') chmodSync(file, 0o600)
    // What a forgotten job held, secrets among it, must not stay in pages that nobody reads any more.
    sqlite.exec(
      'PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000'
    )
    const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number }
    if (version === 0) {
      sqlite.exec(`BEGIN EXCLUSIVE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
    } else if (version < SCHEMA_VERSION) {
      for (let next = version + 1; next <= SCHEMA_VERSION; next++) {
        sqlite.exec(`BEGIN EXCLUSIVE; ${UPGRADES[next]!} PRAGMA user_version = ${next}; COMMIT`)
      }
    } else if (version > SCHEMA_VERSION) {
      throw new LauncherError(
        'DatabaseInvalid',
        `The database ${file} has version ${version}; this launcher knows version ${SCHEMA_VERSION}.`,
        { file, version }
      )
    }
    sqlite.exec(
      `PRAGMA synchronous = FULL; UPDATE sqlite_sequence SET seq = seq + ${LEFT_OUT} WHERE name = 'transitions'; ` +
      'PRAGMA synchronous = NORMAL'
    )
    return sqlite
  } catch (error) {
    if (sqlite?.isOpen) sqlite.close()
    if (isLauncherError(error)) throw error
    throw new LauncherError(
      'DatabaseInvalid',
      `The database ${file} cannot be opened: ${(error as Error).message}.`,
      { file },
      { cause: error }
    )
  }
}
