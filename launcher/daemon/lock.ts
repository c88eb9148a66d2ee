// The lock on a scratch path: one launcher at a time. The error names the launcher that holds it.

import { closeSync, constants, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LauncherError } from '../errors.ts'
import { hasExited, readProcessStat } from '../lib/process-stat.ts'

/** The garbage collector would close an unreferenced database, which releases its lock. */
const openDatabases = new Set<DatabaseSync>()

export interface Lock {
  /** Lets the next launcher know that this one ends soon. Never throws. */
  announceStop (): void
  /**
   * Locks the present file if the locked one was removed. Returns whether it did so. Throws ScratchPathTaken if another
   * launcher has locked it, and StoreUnavailable if no file can be created.
   */
  renew (): boolean
  release (): void
}

/** The content of `launcher.pid`. */
interface Holder {
  readonly pid: number
  readonly startTicks: number
  /** It has begun to stop. */
  readonly stopping?: boolean
}

/**
 * Holds an exclusive SQLite lock on `launcher.lock` until `release` or the end of the process. The kernel drops it even
 * after SIGKILL, so a stale lock cannot exist. `launcher.pid` beside it names the holder. Throws ScratchPathTaken, or
 * PredecessorStopping if the holder has begun to stop; StoreUnavailable if no file can be created.
 */
export function takeLock (scratchPath: string): Lock {
  const pidFile = join(scratchPath, 'launcher.pid')
  const own = { pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks }
  let stopping = false
  let locked = lockFile(scratchPath)
  // A launcher whose lock file was removed may still run.
  const holder = liveHolder(scratchPath)
  if (holder !== undefined && holder !== process.pid) {
    locked.close()
    throw lockTaken(scratchPath, readHolder(pidFile))
  }
  writeHolder()
  return {
    announceStop () {
      stopping = true
      writeHolder()
    },
    renew () {
      const isPresent = locked.isPresent()
      if (!isPresent) {
        const next = lockFile(scratchPath)
        locked.close()
        locked = next
      }
      if (!isPresent || liveHolder(scratchPath) !== process.pid) writeHolder()
      return !isPresent
    },
    release () {
      rmSync(pidFile, { force: true })
      locked.close()
    }
  }

  function writeHolder (): void {
    overwrite(pidFile, textOf({ ...own, stopping }))
  }
}

interface LockedFile {
  /** Returns whether the path still leads to the locked file. */
  isPresent (): boolean
  close (): void
}

const SQLITE_BUSY = 5

function lockFile (scratchPath: string): LockedFile {
  const path = join(scratchPath, 'launcher.lock')
  let file: DatabaseSync | undefined
  try {
    file = new DatabaseSync(path)
    // Nothing is written: a journal file would need room on a full disk.
    file.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    file?.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw lockTaken(scratchPath, readHolder(join(scratchPath, 'launcher.pid')), error)
    }
    throw new LauncherError(
      'StoreUnavailable',
      `The scratch path ${scratchPath} (Launcher.ScratchPath) cannot be locked: ${(error as Error).message}.`,
      { scratchPath },
      { cause: error }
    )
  }
  const database = file
  openDatabases.add(database)
  const inode = statSync(path, { throwIfNoEntry: false })?.ino
  return {
    isPresent: () => inode !== undefined && statSync(path, { throwIfNoEntry: false })?.ino === inode,
    close () {
      openDatabases.delete(database)
      database.close()
    }
  }
}

/** All texts have the same length, so that one can replace another even on a full disk. */
function textOf (holder: object): string {
  return JSON.stringify(holder).padEnd(80) + '\n'
}

/** Truncates nothing, because on a full disk another process could take the room. */
function overwrite (file: string, text: string): void {
  try {
    const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600)
    try {
      writeSync(descriptor, text, 0)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The lock excludes other launchers without the file, but their error cannot name this one.
  }
}

function lockTaken (scratchPath: string, holder: Holder | undefined, cause?: unknown): LauncherError {
  const subject = `The scratch path ${scratchPath} (Launcher.ScratchPath)`
  const holderPid = holder === undefined ? '' : `, pid ${holder.pid}`
  const { stopping = false, ...facts } = holder ?? {}
  return stopping
    ? new LauncherError(
      'PredecessorStopping',
      `${subject} is still used by a launcher that is stopping${holderPid}.`,
      { scratchPath, ...facts },
      { cause }
    )
    : new LauncherError(
      'ScratchPathTaken',
      `${subject} is used by another launcher${holderPid}.`,
      { scratchPath, ...facts },
      { cause }
    )
}

/** Returns the pid of the launcher that uses the scratch path now, if it can be read. Takes no lock, writes nothing. */
export function liveHolder (scratchPath: string): number | undefined {
  const holder = readHolder(join(scratchPath, 'launcher.pid'))
  if (holder === undefined) return undefined
  const stat = readProcessStat(holder.pid)
  return stat !== undefined && !hasExited(stat) && stat.startTicks === holder.startTicks ? holder.pid : undefined
}

function readHolder (pidFile: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(pidFile, 'utf8'))
  } catch {
    return undefined
  }
}
