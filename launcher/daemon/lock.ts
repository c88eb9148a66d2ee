// The lock on a scratch path: one launcher at a time. The error names the launcher that holds it.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LauncherError, isLauncherError } from '../errors.ts'
import { isBusy } from '../lib/sqlite-busy.ts'
import {
  holdsDatabase, isNamed, liveHolder, LOCK_FILE, nameSelf, scratchPathTaken, unnameSelf
} from './scratch-path-holder.ts'

/** The garbage collector would close an unreferenced database, which releases its lock. */
const openDatabases = new Set<DatabaseSync>()

/**
 * `present`: the path leads to the locked file. `renewed`: the locked file was removed, and the present one is locked
 * now. `contested`: another process has the present file locked, but this one has the database locked.
 */
export type LockState = 'present' | 'renewed' | 'contested'

export interface Lock {
  /** Lets the next launcher know that this one ends soon. Never throws. */
  announceStop (): void
  /**
   * Locks the present file if the locked one was removed. If another launcher has locked it, the lock on the database
   * decides: throws ScratchPathTaken or PredecessorStopping if this process does not have it. Throws StoreUnavailable
   * if no file can be created.
   */
  renew (): LockState
  release (): void
}

/**
 * Holds an exclusive SQLite lock on `launcher.lock` until `release` or the end of the process. The kernel drops it even
 * after SIGKILL, so a stale lock cannot exist. `launcher.pid` beside it names the holder. Throws ScratchPathTaken, or
 * PredecessorStopping if the holder has begun to stop; StoreUnavailable if no file can be created.
 */
export function takeLock (scratchPath: string): Lock {
  let stopping = false
  let locked = lockFile(scratchPath)
  // A launcher whose lock file was removed may still run.
  const holder = liveHolder(scratchPath)
  if (holder !== undefined && holder !== process.pid) {
    locked.close()
    throw scratchPathTaken(scratchPath)
  }
  nameSelf(scratchPath, stopping)
  return {
    announceStop () {
      stopping = true
      nameSelf(scratchPath, stopping)
    },
    renew () {
      const state = renewed()
      if (state !== 'present' || !isNamed(scratchPath)) nameSelf(scratchPath, stopping)
      return state
    },
    release () {
      unnameSelf(scratchPath)
      locked.close()
    }
  }

  function renewed (): LockState {
    if (locked.isPresent()) return 'present'
    try {
      const next = lockFile(scratchPath)
      locked.close()
      locked = next
      return 'renewed'
    } catch (error) {
      if (isLauncherError(error, 'StoreUnavailable') || !holdsDatabase(scratchPath)) throw error
      return 'contested'
    }
  }
}

interface LockedFile {
  /** Returns whether the path still leads to the locked file. */
  isPresent (): boolean
  close (): void
}

function lockFile (scratchPath: string): LockedFile {
  const path = join(scratchPath, LOCK_FILE)
  let file: DatabaseSync | undefined
  try {
    file = new DatabaseSync(path)
    // Nothing is written: a journal file would need room on a full disk.
    file.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    file?.close()
    if (isBusy(error)) throw scratchPathTaken(scratchPath, error)
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
