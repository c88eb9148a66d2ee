// Opens a file that a job chose for its output, if the user of its container may read it. The launcher may read more
// than this user, and a program can give the path to a file of another owner. Only the thread of log-files.ts calls it.

import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'

/** The user of a container, and where its files begin. */
export interface LogReader {
  /** Undefined if it is root, or if only the image knows it. It may then read every file that the launcher can. */
  readonly userId: number | undefined
  /** The groups of the user that the job names. */
  readonly groupIds: readonly number[]
  /** The folder that the container mounts, relative to the data. Its user needs no right to the folders above. */
  readonly mount: string
}

/** Linux opens a folder so without the right to list it. Node does not name the flag. */
const O_PATH = 0o10000000
const ONLY_FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
const READ = 4
const ENTER = 1

/**
 * `path` is relative to `root`, and inside the mount. Returns undefined if the file does not exist. Throws EACCES if
 * the user may not enter one of the folders from the mount on or read the file, and ENOTDIR or ELOOP instead of
 * following a link. Each folder is opened inside the one before, so a program that exchanges folders meanwhile gains
 * nothing.
 */
export function openAsReader (root: string, path: string, reader: LogReader): number | undefined {
  const parts = path.split('/')
  const name = parts.pop()!
  const mount = join(root, reader.mount)
  let place = root
  let folder: number | undefined
  try {
    folder = open(place, O_PATH | constants.O_DIRECTORY, place)
    for (const part of parts) {
      place = join(place, part)
      const inner = open(inside(folder, part), ONLY_FOLDER, place)
      closeSync(folder)
      folder = inner
      if (pathInside(place, mount)) requireRight(folder, ENTER, place, reader)
    }
    return openReadable(inside(folder, name), join(place, name), reader)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}

function openReadable (path: string, place: string, reader: LogReader): number {
  const file = open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, place)
  try {
    requireRight(file, READ, undefined, reader)
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** An error names `place`, the real path. */
function open (path: string, flags: number, place: string): number {
  try {
    return openSync(path, flags)
  } catch (error) {
    const code = systemCode(error)
    const isLink = code === 'ELOOP' || code === 'ENOTDIR'
    const words = isLink ? 'is a symbolic link, which is not followed, or no folder' : 'cannot be opened'
    throw Object.assign(new Error(`${place} ${words} (${code})`), { code })
  }
}

function inside (folder: number, name: string): string {
  return `/proc/self/fd/${folder}/${name}`
}

/** `folder` is undefined for the file itself. */
function requireRight (opened: number, right: number, folder: string | undefined, reader: LogReader): void {
  if (hasRight(fstatSync(opened), right, reader)) return
  const what = folder === undefined ? 'read it' : `enter the folder ${folder}`
  throw Object.assign(new Error(`the user ${reader.userId} of the job may not ${what}`), { code: 'EACCES' })
}

/** As the system decides: the bits of the owner, of the group or of all others apply, and only those. */
export function hasRight (
  { uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>, right: number, { userId, groupIds }: LogReader
): boolean {
  if (userId === undefined) return true
  if (uid === userId) return (mode >> 6 & right) !== 0
  return ((groupIds.includes(gid) ? mode >> 3 : mode) & right) !== 0
}
