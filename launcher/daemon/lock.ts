// The lock on a scratch path: one launcher at a time. The error names the launcher that holds it.

import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LauncherError } from '../errors.ts'
import { hasExited, readProcessStat } from '../lib/process-stat.ts'

/** The garbage collector would close an unreferenced database, which releases its lock. */
const held = new Set<DatabaseSync>()

export interface Lock {
  /** Lets the next launcher know that this one ends soon. Never throws. */
  announceStop (): void
  /**
   * Locks the file that is there now, if the locked one was removed. Returns whether it had to. Throws
   * ScratchPathTaken if another launcher has locked it, and StoreUnavailable if no file can be created.
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
  // A holder whose lock file was removed is still there.
  const holder = liveHolder(scratchPath)
  if (holder !== undefined && holder !== process.pid) {
    locked.close()
    throw taken(scratchPath, readHolder(pidFile))
  }
  const introduce = (): void => writeFileSync(pidFile, textOf({ ...own, stopping }), { mode: 0o600 })
  introduce()
  return {
    announceStop () {
      stopping = true
      overwrite(pidFile, textOf({ ...own, stopping }))
    },
    renew () {
      if (locked.isThere()) return false
      const next = lockFile(scratchPath)
      locked.close()
      locked = next
      introduce()
      return true
    },
    release () {
      rmSync(pidFile, { force: true })
      locked.close()
    }
  }
}

interface LockedFile {
  /** Whether the path still leads to the locked file. */
  isThere (): boolean
  close (): void
}

const SQLITE_BUSY = 5

function lockFile (scratchPath: string): LockedFile {
  const path = join(scratchPath, 'launcher.lock')
  let file: DatabaseSync | undefined
  try {
    file = new DatabaseSync(path)
    file.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    file?.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw taken(scratchPath, readHolder(join(scratchPath, 'launcher.pid')), error)
    }
    throw new LauncherError(
      'StoreUnavailable',
      `The scratch path ${scratchPath} (Launcher.ScratchPath) cannot be locked: ${(error as Error).message}.`,
      { scratchPath },
      { cause: error }
    )
  }
  const database = file
  held.add(database)
  const inode = statSync(path, { throwIfNoEntry: false })?.ino
  return {
    isThere: () => inode !== undefined && statSync(path, { throwIfNoEntry: false })?.ino === inode,
    close () {
      held.delete(database)
      database.close()
    }
  }
}

/** The text has one length, so that it can be overwritten on a full disk, too. */
function textOf (holder: object): string {
  return JSON.stringify(holder).padEnd(80) + '\n'
}

function overwrite (file: string, text: string): void {
  try {
    const descriptor = openSync(file, 'r+')
    try {
      writeSync(descriptor, text, 0)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // The next launcher then takes this one for one that runs, and is refused.
  }
}

function taken (scratchPath: string, holder: Holder | undefined, cause?: unknown): LauncherError {
  const where = `The scratch path ${scratchPath} (Launcher.ScratchPath)`
  const who = holder === undefined ? '' : `, pid ${holder.pid}`
  const { stopping = false, ...facts } = holder ?? {}
  return stopping
    ? new LauncherError(
      'PredecessorStopping',
      `${where} is still used by a launcher that is stopping${who}.`,
      { scratchPath, ...facts },
      { cause }
    )
    : new LauncherError(
      'ScratchPathTaken',
      `${where} is used by another launcher${who}.`,
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
