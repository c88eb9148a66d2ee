// Finds the launcher that uses a scratch path: the one that has its database locked, or that launcher.pid names.

import { closeSync, constants, openSync, readFileSync, realpathSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { holdsLock, lockHolder } from '../lib/lock-holder.ts'
import { hasExited, readProcessStat } from '../lib/process-stat.ts'

export const LOCK_FILE = 'launcher.lock'
const PID_FILE = 'launcher.pid'
const DATABASE = 'jobs.db'

/** The content of `launcher.pid`. */
interface Holder {
  readonly pid: number
  readonly startTicks?: number | undefined
  /** It has begun to stop. */
  readonly stopping?: boolean
}

/**
 * Returns the pid of the launcher that uses the scratch path now, if it can be found. Takes no lock, writes nothing.
 */
export function liveHolder (scratchPath: string): number | undefined {
  return findHolder(scratchPath)?.pid
}

/** Returns whether this process has the database locked that is on the scratch path now. */
export function holdsDatabase (scratchPath: string): boolean {
  return holdsLock(join(scratchPath, DATABASE))
}

/** Returns whether `launcher.pid` names this process. */
export function isNamed (scratchPath: string): boolean {
  return namedHolder(scratchPath)?.pid === process.pid
}

/** Makes `launcher.pid` name this process, if the disk has room for the file. */
export function nameSelf (scratchPath: string, stopping: boolean): void {
  overwrite(join(scratchPath, PID_FILE), textOf({ ...identityOf(process.pid), stopping }))
}

/** Removes `launcher.pid`, unless it names another process. */
export function unnameSelf (scratchPath: string): void {
  if (readHolder(scratchPath)?.pid === process.pid) rmSync(join(scratchPath, PID_FILE), { force: true })
}

/**
 * Returns the error for a scratch path that another launcher uses: ScratchPathTaken, or PredecessorStopping if that one
 * has begun to stop. It names the launcher if it can be found.
 */
export function scratchPathTaken (scratchPath: string, cause?: unknown): LauncherError {
  const { stopping = false, ...holder } = findHolder(scratchPath) ?? readHolder(scratchPath) ?? {}
  const subject = `The scratch path ${scratchPath} (Launcher.ScratchPath)`
  const pid = 'pid' in holder ? `, pid ${holder.pid}` : ''
  const details = { scratchPath, ...holder }
  return stopping
    ? new LauncherError(
      'PredecessorStopping', `${subject} is still used by a launcher that is stopping${pid}.`, details, { cause }
    )
    : new LauncherError('ScratchPathTaken', `${subject} is used by another launcher${pid}.`, details, { cause })
}

/**
 * Returns the error for a scratch path whose database another process has locked. Returns undefined if that process is
 * no launcher.
 */
export function databaseTaken (scratchPath: string, cause: unknown): LauncherError | undefined {
  const holder = lockHolder(join(scratchPath, DATABASE))
  if (holder === undefined) {
    return new LauncherError(
      'ScratchPathTaken',
      `The scratch path ${scratchPath} (Launcher.ScratchPath) is used by another process, which has its database ` +
      'locked and cannot be found from here. It may be a launcher in another container.',
      { scratchPath },
      { cause }
    )
  }
  return isLauncher(scratchPath, holder.openFiles) ? scratchPathTaken(scratchPath, cause) : undefined
}

/** The lock on the database decides: `launcher.pid` may be missing, or name a launcher that is about to be refused. */
function findHolder (scratchPath: string): Holder | undefined {
  const named = namedHolder(scratchPath)
  const holder = lockHolder(join(scratchPath, DATABASE))
  if (holder === undefined || holder.pid === named?.pid) return named
  return isLauncher(scratchPath, holder.openFiles) ? identityOf(holder.pid) : named
}

/** Only a launcher has the lock file open. */
function isLauncher (scratchPath: string, openFiles: readonly string[]): boolean {
  return openFiles.includes(join(realpathSync(scratchPath), LOCK_FILE))
}

function identityOf (pid: number): Holder {
  return { pid, startTicks: readProcessStat(pid)?.startTicks }
}

/** Returns what `launcher.pid` says if that process still runs. */
function namedHolder (scratchPath: string): Holder | undefined {
  const holder = readHolder(scratchPath)
  if (holder === undefined) return undefined
  const stat = readProcessStat(holder.pid)
  return stat !== undefined && !hasExited(stat) && stat.startTicks === holder.startTicks ? holder : undefined
}

function readHolder (scratchPath: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(join(scratchPath, PID_FILE), 'utf8'))
  } catch {
    return undefined
  }
}

/** All texts have the same length, so that one can replace another even on a full disk. */
function textOf (holder: Holder): string {
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
