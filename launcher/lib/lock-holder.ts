// Finds the process that has a file locked (fcntl locks, as SQLite sets them), from /proc.

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'

export interface LockHolder {
  readonly pid: number
  /** The files that it has open; a removed one with its former path. */
  readonly openFiles: readonly string[]
}

const REMOVED = ' (deleted)'

/** Returns whether this process has a lock on the file that the path leads to now. */
export function holdsLock (file: string): boolean {
  return lockingProcesses(file).includes(process.pid)
}

/**
 * Returns the other process that has a lock on the file. Returns undefined if none has, or if it cannot be seen: it is
 * in another PID namespace, or belongs to another user.
 */
export function lockHolder (file: string): LockHolder | undefined {
  const others = lockingProcesses(file).filter(pid => pid !== process.pid)
  if (others.length === 0) return undefined
  const path = realpathSync(file)
  // The inode number alone could be that of a file on another disk.
  return others.map(pid => ({ pid, openFiles: filesOf(pid) })).find(({ openFiles }) => openFiles.includes(path))
}

/** Parses /proc/locks. Returns the processes that have a lock on a file with the inode. */
export function parseLocks (text: string, inode: number): number[] {
  return Array.from(text.matchAll(/^\d+: POSIX +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm))
    .filter(([, , locked]) => Number(locked) === inode)
    .map(([, pid]) => Number(pid))
}

function lockingProcesses (file: string): number[] {
  const inode = statSync(file, { throwIfNoEntry: false })?.ino
  if (inode === undefined) return []
  try {
    return parseLocks(readFileSync('/proc/locks', 'latin1'), inode)
  } catch {
    return []
  }
}

function filesOf (pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).map(name => linkOf(`${folder}/${name}`))
  } catch {
    // The process has ended or belongs to another user.
    return []
  }
}

function linkOf (path: string): string {
  try {
    const link = readlinkSync(path)
    return link.endsWith(REMOVED) ? link.slice(0, -REMOVED.length) : link
  } catch {
    // The process has closed it meanwhile.
    return ''
  }
}
