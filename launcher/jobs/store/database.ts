// Opens the SQLite file and groups writes: all writes requested in one event-loop iteration are one commit.

import { chmodSync, closeSync, fdatasync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { LauncherError, isLauncherError } from '../../errors.ts'
import { singleFlight } from '../../lib/single-flight.ts'
import { isDiskFull } from '../../lib/disk-full.ts'
import { RETRY_AFTER_SECONDS } from '../disk.ts'
import {
  allocateLog, closeToReserve, openRoom, reserveAsLog, type Reserve, type Room
} from './allocated-room.ts'
import { openFailure } from './open-failure.ts'
import { migrate } from './schema.ts'

/**
 * Revisions skipped at each start. The last revisions that an earlier launcher published may not have reached the disk,
 * and a published revision must never be used again.
 */
export const REVISION_GAP = 1_000_000

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
   *
   * A write that adds data, about `addedBytes`, rejects with StoreUnavailable if it would need the allocated room. That
   * room is for what becomes of accepted jobs.
   */
  write<T> (work: () => T, addedBytes?: number): Promise<T>
  /** Allocates room for further pages. Each commit does so until that fails; call it when the disk has room again. */
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
  addedBytes: number
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
  const { sqlite, room } = openWithRoom(file, exclusive, reserve)
  let revisionsSkipped = false
  let roomFailed = false
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
    const adding = writes.filter(({ addedBytes }) => addedBytes > 0)
    try {
      const addedBytes = adding.reduce((sum, write) => sum + write.addedBytes, 0)
      if (addedBytes > 0 && room?.hasRoomFor(addedBytes) === false) throw noRoom()
      skipRevisionsOnce()
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
      if (isDiskFull(error) && adding.length > 0 && reserve !== undefined) {
        rejectGroup({ started, writes: adding, events }, error)
        const others = writes.filter(({ addedBytes }) => addedBytes === 0)
        if (others.length > 0) commit(others)
        return
      }
      if (!isDiskFull(error) || reserve?.release() !== true) {
        rejectGroup({ started, writes, events }, error)
        return
      }
      events.done((performance.now() - started) / 1000, false)
      commit(writes)
      return
    }
    committed.push({ started, writes, outcomes, events })
    events.committed?.()
    syncing.run()
    if (!roomFailed) allocateRoom()
  }

  function allocateRoom (): void {
    try {
      room?.allocatePages()
      roomFailed = false
    } catch {
      // The disk has no room for them now.
      roomFailed = true
    }
  }

  function skipRevisionsOnce (): void {
    if (!revisionsSkipped) skipRevisions(sqlite)
    revisionsSkipped = true
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

  function rejectGroup ({ started, writes, events }: Omit<Group, 'outcomes'>, cause: unknown): void {
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
    if (sqlite.isOpen) closeFiles()
  }

  function closeFiles (): void {
    closeSqlite(sqlite, file, reserve)
    room?.close()
  }

  try {
    skipRevisionsOnce()
  } catch (error) {
    // A launcher must start on a full disk, so that a job that fills it can be killed. The first write skips them then.
    if (!isDiskFull(error)) {
      closeFiles()
      throw openFailure(file, error)
    }
  }
  allocateRoom()

  return {
    sqlite,
    write<T> (work: () => T, addedBytes = 0) {
      return new Promise<T>((resolve, reject) => {
        queued.push({ work, addedBytes, resolve: resolve as (value: unknown) => void, reject })
        flushing ??= new Promise(resolve => setImmediate(() => { flush(); resolve() }))
      })
    },
    allocateRoom,
    close
  }
}

function noRoom (): Error {
  return Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
}

/** Throws as `openDatabase`. */
function openWithRoom (
  file: string, exclusive: boolean, reserve: Reserve | undefined
): { sqlite: DatabaseSync, room?: Room } {
  if (reserve === undefined) return { sqlite: open(file, exclusive, reserve) }
  reserveAsLog(file, reserve.reserveFile)
  const sqlite = openOnFullDisk(file, exclusive, reserve)
  allocateLog(sqlite, file, reserve.reserveBytes)
  return { sqlite, room: openRoom(sqlite, file, reserve.reserveBytes) }
}

/** Skips REVISION_GAP revisions, and waits until that is on disk. */
function skipRevisions (sqlite: DatabaseSync): void {
  sqlite.exec('PRAGMA synchronous = FULL')
  try {
    sqlite.exec(`UPDATE sqlite_sequence SET seq = seq + ${REVISION_GAP} WHERE name = 'transitions'`)
  } finally {
    sqlite.exec('PRAGMA synchronous = NORMAL')
  }
}

function openOnFullDisk (file: string, exclusive: boolean, reserve: Reserve): DatabaseSync {
  try {
    return open(file, exclusive, reserve)
  } catch (error) {
    if (!isDiskFull(error) || !reserve.release()) throw error
    return open(file, exclusive, reserve)
  }
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
    // A temporary file would be on another disk, which may be full, and would hold data of jobs outside scratch.
    sqlite.exec('PRAGMA temp_store = MEMORY')
    migrate(file, sqlite)
    return sqlite
  } catch (error) {
    if (sqlite?.isOpen) closeSqlite(sqlite, file, reserve)
    if (isLauncherError(error)) throw error
    throw openFailure(file, error)
  }
}
