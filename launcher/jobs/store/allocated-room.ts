// Allocates room in the files of the database before it is needed, so that statuses and operations can be stored on a
// full disk. A job that fills the disk cannot take this room.

import { randomFillSync } from 'node:crypto'
import {
  closeSync, existsSync, fstatSync, ftruncateSync, linkSync, openSync, renameSync, rmSync, statSync
} from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { diskSpace } from '../../lib/disk-full.ts'
import { fillFile } from '../../lib/fill-file.ts'

/** Room that the launcher keeps for itself; see Disk in ../disk.ts. */
export interface Reserve {
  readonly reserveFile: string
  readonly reserveBytes: number
  release (): boolean
}

/** Bytes of a frame in the write-ahead log: a page and its header. */
const FRAME = 4096 + 24
/** The log is written into the database at this part of its room. The rest is for the commit that reaches it. */
const CHECKPOINT_PART = 0.9
/** While this many times the room of the log is free on the disk, any write has room. */
const AMPLE = 16
/** SQLite's own number of pages. */
const MAX_CHECKPOINT_PAGES = 1000
/** Free pages in the database file, as a part of the room of the log. */
const FREE_PART = 1 / 4
const PAGE = 4096
/** Pages that the table of the room needs beside its content. */
const EXTRA_PAGES = 4

/**
 * Makes the reserve the log of a database that has none: SQLite then overwrites it. A launcher can start on a full disk
 * so. SQLite would ignore and delete the log of an empty database.
 */
export function reserveAsLog (file: string, reserveFile: string): void {
  const paths = [file, logOf(file), reserveFile]
  const [database, log, reserve] = paths.map(path => statSync(path, { throwIfNoEntry: false }))
  if (reserve === undefined) return
  // A crash in `closeToReserve` leaves two names of the log.
  if (log?.ino === reserve.ino) rmSync(reserveFile)
  else if (log === undefined && (database?.size ?? 0) > 0) renameSync(reserveFile, logOf(file))
}

/**
 * Closes the database. SQLite deletes the log, and a job that fills the disk would take its room. If there is no
 * reserve, the log becomes the reserve. Its content is overwritten, because it may have secrets of jobs.
 */
export function closeToReserve (sqlite: DatabaseSync, file: string, { reserveFile, reserveBytes }: Reserve): void {
  const log = logOf(file)
  const isKept = !existsSync(reserveFile) && existsSync(log)
  if (isKept) linkSync(log, reserveFile)
  sqlite.close()
  if (!isKept) return
  // SQLite keeps a log that the database has no room for.
  if (existsSync(log)) return rmSync(reserveFile)
  const descriptor = openSync(reserveFile, 'r+')
  try {
    if (fstatSync(descriptor).size > reserveBytes) ftruncateSync(descriptor, reserveBytes)
    fillFile(descriptor, 0, fstatSync(descriptor).size)
  } finally {
    closeSync(descriptor)
  }
}

/** Extends the log to `bytes`, or until the disk is full. SQLite ignores what is behind its last valid frame. */
export function allocateLog (sqlite: DatabaseSync, file: string, bytes: number): void {
  const pages = Math.min(MAX_CHECKPOINT_PAGES, Math.floor(bytes * CHECKPOINT_PART / FRAME))
  sqlite.exec(`PRAGMA wal_autocheckpoint = ${Math.max(1, pages)}`)
  const log = openSync(logOf(file), 'r+')
  try {
    fillFile(log, fstatSync(log).size, bytes)
  } catch {
    // The disk has no more room.
  } finally {
    closeSync(log)
  }
}

/** Room of an open database. */
export interface Room {
  /**
   * Adds free pages to the database if it has few. Their room in its file is allocated before: a checkpoint that finds
   * no room for them would fail until the log is full. Throws what SQLite and the file system throw.
   */
  allocatePages (): void
  /** Returns whether so many bytes can be added without the room for what becomes of accepted jobs. */
  hasRoomFor (bytes: number): boolean
  /** To be called after the database is closed: closing any descriptor of its file frees the locks of SQLite. */
  close (): void
}

export function openRoom (sqlite: DatabaseSync, file: string, bytes: number): Room {
  const wanted = bytes * FREE_PART
  const freePages = sqlite.prepare('PRAGMA freelist_count')
  const allPages = sqlite.prepare('PRAGMA page_count')
  const descriptor = openSync(file, 'r+')
  const folder = dirname(file)

  function freeBytes (): number {
    return (freePages.get() as { freelist_count: number }).freelist_count * PAGE
  }

  /** Random bytes, because some file systems need no room for zeros. */
  function extendFile (added: number): void {
    const { size } = fstatSync(descriptor)
    const { page_count: pages } = allPages.get() as { page_count: number }
    try {
      fillFile(descriptor, size, pages * PAGE + added + EXTRA_PAGES * PAGE, piece => { randomFillSync(piece) })
    } catch (error) {
      ftruncateSync(descriptor, size)
      throw error
    }
  }

  function addPages (added: number): void {
    extendFile(added)
    try {
      sqlite.exec(
        'BEGIN IMMEDIATE; CREATE TABLE room (bytes BLOB); ' +
        `INSERT INTO room VALUES (zeroblob(${added})); DROP TABLE room; COMMIT; PRAGMA wal_checkpoint(PASSIVE)`
      )
    } catch (error) {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
      throw error
    }
  }

  return {
    allocatePages () {
      if (freeBytes() < wanted / 2) addPages(wanted)
    },
    hasRoomFor (added) {
      if (freeBytes() >= wanted / 2 + added || diskSpace(folder).freeBytes >= AMPLE * bytes + added) return true
      try {
        addPages(wanted + added)
        return true
      } catch {
        return false
      }
    },
    close: () => closeSync(descriptor)
  }
}

function logOf (file: string): string {
  return `${file}-wal`
}
