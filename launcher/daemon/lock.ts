// The lock on a scratch path: one launcher at a time. The error names the launcher that holds it.

import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LauncherError } from '../errors.ts'
import { hasExited, readProcessStat } from '../lib/process-stat.ts'

/** The garbage collector would close an unreferenced database, which releases its lock. */
const held = new Set<DatabaseSync>()

export interface Lock {
  /** Lets the next launcher know that this one ends soon. Never throws. */
  announceStop (): void
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
 * PredecessorStopping if the holder has begun to stop.
 */
export function takeLock (scratchPath: string): Lock {
  const pidFile = join(scratchPath, 'launcher.pid')
  const file = new DatabaseSync(join(scratchPath, 'launcher.lock'))
  try {
    file.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    throw taken(scratchPath, readHolder(pidFile), error)
  }
  held.add(file)
  const own = { pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks }
  writeFileSync(pidFile, textOf({ ...own, stopping: false }), { mode: 0o600 })
  return {
    announceStop () {
      overwrite(pidFile, textOf({ ...own, stopping: true }))
    },
    release () {
      rmSync(pidFile, { force: true })
      file.close()
      held.delete(file)
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

function taken (scratchPath: string, holder: Holder | undefined, cause: unknown): LauncherError {
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
