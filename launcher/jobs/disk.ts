// The disk of the scratch path: whether it is full, and a reserve that is freed then.

import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { LauncherError } from '../errors.ts'
import { diskSpace } from '../lib/disk-full.ts'
import { fillFile } from '../lib/fill-file.ts'

export interface DiskState {
  /** Users have no room left, or the launcher has used its reserve. */
  readonly full: boolean
  /** Bytes that users can write. */
  readonly freeBytes: number
}

export interface Disk {
  /** Reads the state, at most ten times a second. Makes the reserve again when there is room. */
  state (): DiskState
  /** Returns StoreUnavailable, which names the free bytes, if the disk is full. */
  problem (): LauncherError | undefined
  /** Path of the reserve, which need not exist. Its beginning is zero, so that it is no write-ahead log of SQLite. */
  readonly reserveFile: string
  readonly reserveBytes: number
  /** Frees the reserve. Returns whether there was one. */
  release (): boolean
}

const MAX_RESERVE = 4 * 2 ** 20
/** A smaller disk has a reserve of this part of it. */
const RESERVE_PART = 1 / 16
/** The disk is full if less than this part of the reserve's size is free beside it. */
const FULL_PART = 1 / 4
const BLOCK = 4096
const READ_INTERVAL_MS = 100
/** A client that is refused on a full disk may try again after this time. */
export const RETRY_AFTER_SECONDS = 10

export interface DiskOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Called when a full disk has room again. */
  readonly onRoom: () => void
}

export function openDisk (scratchPath: string, { log, onRoom }: DiskOptions): Disk {
  const reserveFile = join(scratchPath, 'reserve')
  const reserveBytes = reserveSize(diskSpace(scratchPath).totalBytes)
  const fullBytes = reserveBytes * FULL_PART
  let current: DiskState = { full: false, freeBytes: diskSpace(scratchPath).freeBytes }
  let readAt = -Infinity

  function readState (): DiskState {
    readAt = performance.now()
    let { freeBytes: free } = diskSpace(scratchPath)
    if (!hasReserve() && free >= reserveBytes + 2 * fullBytes && makeReserve()) free -= reserveBytes
    // It counts as full until there is clearly room, so that the state does not change with every byte.
    return { full: !hasReserve() || free < (current.full ? 2 * fullBytes : fullBytes), freeBytes: free }
  }

  function state (): DiskState {
    if (performance.now() - readAt < READ_INTERVAL_MS) return current
    const before = current
    try {
      current = readState()
    } catch {
      // A file system that fails shows when it is written to.
    }
    const { full, freeBytes } = current
    if (full && !before.full) log.warn({ scratchPath, freeBytes }, 'disk full')
    if (!full && before.full) {
      log.info({ scratchPath, freeBytes }, 'disk has room again')
      onRoom()
    }
    return current
  }

  function hasReserve (): boolean {
    return statSync(reserveFile, { throwIfNoEntry: false })?.size === reserveBytes
  }

  /** Random bytes, because some file systems need no room for zeros. */
  function makeReserve (): boolean {
    try {
      const file = openSync(reserveFile, 'w', 0o600)
      try {
        fillFile(file, 0, BLOCK)
        fillFile(file, BLOCK, reserveBytes, piece => { randomFillSync(piece) })
      } finally {
        closeSync(file)
      }
      return true
    } catch {
      rmSync(reserveFile, { force: true })
      return false
    }
  }

  return {
    state,
    problem () {
      const { full, freeBytes } = state()
      if (!full) return undefined
      return new LauncherError(
        'StoreUnavailable',
        `The disk of the scratch path ${scratchPath} (Launcher.ScratchPath) is full: ${freeBytes} bytes are free.`,
        { scratchPath, freeBytes, retryAfterSeconds: RETRY_AFTER_SECONDS }
      )
    },
    reserveFile,
    reserveBytes,
    release () {
      if (statSync(reserveFile, { throwIfNoEntry: false }) === undefined) return false
      rmSync(reserveFile)
      readAt = -Infinity
      log.warn({ scratchPath, reserveBytes }, 'disk full, reserve freed')
      return true
    }
  }
}

function reserveSize (totalBytes: number): number {
  const bytes = Math.min(MAX_RESERVE, totalBytes * RESERVE_PART)
  return Math.max(BLOCK, Math.floor(bytes / BLOCK) * BLOCK)
}
