// The folder of a job's process logs in the data of the host: creates, reads and removes it. Every call may wait for a
// network file system, so only the thread of log-files.ts makes them. Errors are those of the system.

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { systemCode } from '../../../launcher/errors.ts'
import { openAsReader, type LogReader } from './open-as-reader.ts'
import { removeSome } from './remove-folder.ts'

export const STREAMS = ['stdout', 'stderr'] as const
export type LogStream = (typeof STREAMS)[number]
export type LogSizes = Readonly<Record<LogStream, number>>

/** Of the name of a folder that a check creates and removes. */
export const PROBE_PREFIX = '.probe-'
/** Others can enter a folder whose name they know, and cannot list it. */
const FOLDER_MODE = 0o711
/** Every user of a container can append to the files. Only the launcher can read them. */
const FILE_MODE = 0o622
const MARKER_MODE = 0o600
/** A full file system still takes empty files. */
const PROBE_TEXT = 'job-launcher checks that it can write here.\n'
const MARKER_TEXT = 'job-launcher recognizes its data by this file. Leave it here.\n'

/**
 * `root` is the data, `folder` is relative to it. What exists is kept. Returns the first folder on the way that did not
 * exist, or undefined if all did.
 */
export function createLogFolder (root: string, folder: string): string | undefined {
  const made = createParent(root, folder)
  const alsoMade = createParts(root, folder)
  for (const stream of STREAMS) createLogFile(join(root, folder, stream))
  return made ?? alsoMade
}

function createParent (root: string, path: string): string | undefined {
  // The data itself is never created: it may be a mount that is missing now.
  statSync(root)
  const made = createParts(root, dirname(path))
  requireNoLink(root, dirname(path))
  return made
}

/** The mode of a new folder must not depend on the umask. Returns the first folder that did not exist. */
function createParts (root: string, folder: string): string | undefined {
  const parent = dirname(folder)
  const made = parent === '.' ? undefined : createParts(root, parent)
  const path = join(root, folder)
  if (!createFolder(path)) return made
  chmodSync(path, FOLDER_MODE)
  return made ?? folder
}

/** Returns false if it exists. With `recursive`, Node reports a read-only file system as ENOENT. */
function createFolder (path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    const exists = systemCode(error) === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    if (!exists) throw error
    return false
  }
}

function createLogFile (path: string): void {
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE)
    try {
      fchmodSync(file, FILE_MODE)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A link in the data would lead to a place that jobs can mount, or outside. */
function requireNoLink (root: string, folder: string): void {
  requireSame(realpathSync(join(root, folder)), join(realpathSync(root), folder))
}

function requireSame (real: string, wanted: string): void {
  if (real === wanted) return
  throw Object.assign(new Error(`${wanted} leads to ${real} by a symbolic link`), { code: 'ELOOP' })
}

/** What tells a file from another one that later has its path. The number of its device changes with a remount. */
export interface FoundFile {
  readonly size: number
  readonly inode: bigint
}

/**
 * Returns up to `length` bytes at `offset`, and which file it is; undefined if the file does not exist. `path` is
 * relative to the data. Opening a file makes an NFS client ask its server for the present size. With `reader`, throws
 * EACCES if this user may not read the file.
 */
export function readLog (
  root: string, path: string, offset: number, length: number, reader?: LogReader
): FoundFile & { readonly data: Uint8Array<ArrayBuffer> } | undefined {
  return withLog(root, path, reader, (file, { size, inode }) => {
    const data = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
    const count = readWhole(file, data, offset)
    return { data: count === data.length ? data : data.slice(0, count), size, inode }
  })
}

/** A read into memory: the number of bytes, and the file; undefined if it does not exist. */
export interface ReadInto {
  readonly count: number
  readonly found: FoundFile | undefined
}

/** Reads into the start of `memory`. */
export function readLogInto (
  root: string, path: string, offset: number, length: number, memory: SharedArrayBuffer, reader?: LogReader
): ReadInto {
  return withLog(root, path, reader, (file, found) => {
    const count = Math.max(0, Math.min(length, found.size - offset))
    return { count: readWhole(file, new Uint8Array(memory, 0, count), offset), found }
  }) ?? { count: 0, found: undefined }
}

/** Returns the number of bytes read. Fewer than the array has is the end: some file systems give less before it. */
function readWhole (file: number, bytes: Uint8Array, offset: number): number {
  let count = 0
  while (count < bytes.length) {
    const more = readSync(file, bytes, count, bytes.length - count, offset + count)
    if (more === 0) break
    count += more
  }
  return count
}

/** Calls `read` with the open file. Returns undefined if the file does not exist. */
function withLog<T> (
  root: string, path: string, reader: LogReader | undefined, read: (file: number, found: FoundFile) => T
): T | undefined {
  const file = reader === undefined ? openIfExists(join(root, path)) : openAsReader(root, path, reader)
  if (file === undefined) return undefined
  try {
    const real = readlinkSync(`/proc/self/fd/${file}`)
    const stat = fstatSync(file, { bigint: true })
    // The path of a file that was removed meanwhile does not exist either.
    if (stat.nlink === 0n) return undefined
    // Another program may have put a link in the place of a folder. The launcher may be allowed to read more than it.
    requireSame(real, join(realpathSync.native(root), path))
    if (!stat.isFile()) throw Object.assign(new Error(`${path} is not a regular file`), { code: 'EINVAL' })
    return read(file, { size: Number(stat.size), inode: stat.ino })
  } finally {
    closeSync(file)
  }
}

function openIfExists (path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A file that is missing has no size. */
export function logSizes (root: string, folder: string): Partial<LogSizes> {
  const sizes = STREAMS.map(stream => [stream, readLog(root, join(folder, stream), 0, 0)?.size] as const)
  return Object.fromEntries(sizes.filter(([, size]) => size !== undefined))
}

/**
 * The bytes in the files of each folder. A file that is missing or cannot be opened counts as empty. What the launcher
 * only measures needs no check that its path leads through no link.
 */
export function writtenBytes (root: string, folders: readonly string[]): number[] {
  return folders.map(folder => STREAMS.reduce((sum, stream) => sum + openedSize(join(root, folder, stream)), 0))
}

function openedSize (path: string): number {
  let file: number | undefined
  try {
    file = openIfExists(path)
    return file === undefined ? 0 : fstatSync(file).size
  } catch {
    return 0
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Throws if the data itself does not exist. */
export function fileExists (root: string, path: string): boolean {
  statSync(root)
  return lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined
}

/** When a file or folder last changed, by the clock of its file system. Undefined if it does not exist. */
export function changedMs (root: string, path: string): number | undefined {
  return lstatSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs
}

/** Creates a file by which the data is recognized, and the folders above it. */
export function markData (root: string, path: string): void {
  createParent(root, path)
  writeFileSync(join(root, path), MARKER_TEXT, { flag: 'wx', mode: MARKER_MODE })
}

/** The names in a folder. None if it does not exist. */
export function listFolder (root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * Types of file systems that show to a reader that opens a file what processes wrote before they closed it: local ones,
 * and network file systems with at least close-to-open consistency. See linux/magic.h. The inode of a file stays the
 * same on all of them. Others can give it another number when it is looked up again.
 */
const SHOWS_ON_OPEN = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x6969, // NFS
  0x00c36400, // CephFS
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x01161970, // GFS2
  0x7461636f // OCFS2
])

export function showsOnOpen (root: string): boolean {
  return SHOWS_ON_OPEN.has(statfsSync(root).type)
}

/** Writes and removes a file in the folder of the process logs. */
export function probeLogs (root: string, parent: string): void {
  const folder = join(parent, `${PROBE_PREFIX}${process.pid}-${Date.now()}`)
  try {
    createLogFolder(root, folder)
    writeFileSync(join(root, folder, 'stdout'), PROBE_TEXT)
  } finally {
    removeSome(root, folder, Infinity)
  }
}
