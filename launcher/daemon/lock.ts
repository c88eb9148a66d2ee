// The lock on a scratch path: one launcher at a time, and the second is told who the first is.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LauncherError } from '../errors.ts'
import { hasExited, readProcessStat } from '../lib/process-stat.ts'

/** A database that nothing refers to is closed by the garbage collector, and its lock goes with it. */
const held = new Set<DatabaseSync>()

export interface Lock {
  release (): void
}

/**
 * Holds an exclusive SQLite lock on `launcher.lock` until `release` or the end of the process: the kernel drops it even
 * after SIGKILL, so a stale lock cannot exist. `launcher.pid` beside it names the holder. Throws ScratchPathTaken.
 */
export function takeLock (scratchPath: string): Lock {
  const pidFile = join(scratchPath, 'launcher.pid')
  const file = new DatabaseSync(join(scratchPath, 'launcher.lock'))
  try {
    file.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    const holder = readHolder(pidFile)
    throw new LauncherError('ScratchPathTaken',
      `The scratch path ${scratchPath} (Launcher.ScratchPath) is used by another ` +
      `launcher${holder === undefined ? '' : `, pid ${holder.pid}`}.`,
      { scratchPath, ...holder }, { cause: error })
  }
  held.add(file)
  writeFileSync(
    pidFile,
    JSON.stringify({ pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks }) + '\n',
    { mode: 0o600 }
  )
  return {
    release () {
      rmSync(pidFile, { force: true })
      file.close()
      held.delete(file)
    }
  }
}

/** Pid of the launcher that uses the scratch path now, as far as may be read. Takes no lock and writes nothing. */
export function liveHolder (scratchPath: string): number | undefined {
  const holder = readHolder(join(scratchPath, 'launcher.pid'))
  if (holder === undefined) return undefined
  const stat = readProcessStat(holder.pid)
  return stat !== undefined && !hasExited(stat) && stat.startTicks === holder.startTicks ? holder.pid : undefined
}

function readHolder (pidFile: string): { pid: number, startTicks: number } | undefined {
  try {
    return JSON.parse(readFileSync(pidFile, 'utf8'))
  } catch {
    return undefined
  }
}
