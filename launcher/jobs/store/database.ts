// Opens the SQLite file and groups writes: all that is asked for in one turn of the event loop is one commit.

import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { LauncherError, isLauncherError } from '../../errors.ts'

/** Version of the tables; a file with a newer one is refused. */
const SCHEMA_VERSION = 1

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
  intent TEXT
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

export interface Database {
  /** For reads, and for the statements that `write` runs. Reads see only what is committed. */
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

/** Called after each commit, in the same turn, with its length in seconds; `ok` is false when the group was undone. */
export type OnCommit = (seconds: number, ok: boolean) => void

interface Waiting {
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** `file` is a path or `:memory:`. Throws DatabaseInvalid when it is not ours to use. */
export function openDatabase (file: string, onCommit: OnCommit = () => {}): Database {
  const sqlite = open(file)
  let waiting: Waiting[] = []
  let flushing: Promise<void> | undefined

  function flush (): void {
    flushing = undefined
    const group = waiting
    waiting = []
    const started = performance.now()
    const outcomes: Array<() => void> = []
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
      onCommit((performance.now() - started) / 1000, false)
      const refusal = new LauncherError('StoreUnavailable', `The database ${file} cannot be written: ${(error as Error).message}.`, { file }, { cause: error })
      for (const { reject } of group) reject(refusal)
      return
    }
    onCommit((performance.now() - started) / 1000, true)
    for (const settle of outcomes) settle()
  }

  function undo (): void {
    try {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
    } catch {
      // Closed, or the file is beyond use: what the group was refused for says so.
    }
  }

  async function close (): Promise<void> {
    if (flushing !== undefined) {
      await flushing
      return await close()
    }
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
    sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
    const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number }
    if (version === 0) {
      sqlite.exec(`BEGIN EXCLUSIVE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
    } else if (version !== SCHEMA_VERSION) {
      throw new LauncherError('DatabaseInvalid', `The database ${file} has version ${version}; this launcher knows version ${SCHEMA_VERSION}.`, { file, version })
    }
    return sqlite
  } catch (error) {
    if (sqlite?.isOpen) sqlite.close()
    if (isLauncherError(error)) throw error
    throw new LauncherError('DatabaseInvalid', `The database ${file} cannot be opened: ${(error as Error).message}.`, { file }, { cause: error })
  }
}
