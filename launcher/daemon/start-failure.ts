// Decides which error a failed start reports: a full disk is named as such, wherever the start noticed it, and so is a
// launcher that has the database locked.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { LauncherError, isLauncherError } from '../errors.ts'
import { diskSpace, isDiskFull } from '../lib/disk-full.ts'
import { isBusy } from '../lib/sqlite-busy.ts'
import { databaseTaken } from './scratch-path-holder.ts'

/**
 * Returns the error itself, or DiskFull if a disk has no room: that of the folder that the error names, or of the
 * scratch path. Returns ScratchPathTaken or PredecessorStopping if another launcher has the database locked.
 */
export function startFailure (error: unknown, scratchPath: string | undefined): unknown {
  if (scratchPath !== undefined && isLauncherError(error, 'StoreUnavailable') && isBusy(error)) {
    return databaseTaken(scratchPath, error) ?? error
  }
  if (!isDiskFull(error)) return error
  const named = isLauncherError(error) ? error.details : {}
  const path = typeof named.path === 'string' ? named.path : scratchPath
  const setting = typeof named.setting === 'string' ? named.setting : 'Launcher.ScratchPath'
  if (path === undefined) return error
  const { freeBytes } = diskSpace(existing(path))
  return new LauncherError(
    'DiskFull',
    `The disk of ${path} (${setting}) is full, ${freeBytes} bytes are free: ` +
    `${(error as Error).message.replace(/\.$/, '')}.`,
    { path, freeBytes },
    { cause: error }
  )
}

/** Returns the path or its nearest existing parent: the disk may have had no room for the folder itself. */
function existing (path: string): string {
  return existsSync(path) ? path : existing(dirname(path))
}
