// A job's folder: its files, the record for a launcher that has lost its database, and the claim to run the job.
//
// The files are small and on the launcher's own disk, so they are written synchronously: the thread pool would cost
// more than the write. Only a job's output is read asynchronously.

import {
  chmodSync,
  constants,
  fchownSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { LauncherError, systemCode } from '../../launcher/errors.ts'
import { parseObject } from '../../launcher/lib/parse-json.ts'
import { readIdempotency, readJobArray, readJobKey, type Job, type RecoveredJob } from '../../launcher/plugin.ts'
import { controlNoteFile, controlNoteText, readControlNote } from './control-note.ts'
import { CANCELED_STATE } from './supervisor-state.ts'

/** Opens a file without waiting for another process. */
const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK

const JOB_ID = /^[0-9a-hjkmnp-tv-z]{26}$/

/** The account that a job runs as. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly home: string
  readonly shell: string
}

/** What the folder records of a job: no secrets, no standard input. */
export interface JobRecord extends Omit<RecoveredJob, 'intent'> {
  readonly account: Account
  /** Port of each exposed port, in order. */
  readonly ports: readonly number[]
}

export interface JobFiles {
  readonly record: JobRecord
  readonly launchScript: string
  readonly stdin: string | undefined
  /** Owner of standard input, output, error and the report. Undefined if that is the launcher's own user. */
  readonly owner: Account | undefined
}

export function jobsFolder (scratchPath: string): string {
  return join(scratchPath, 'jobs')
}

export function jobFolder (scratchPath: string, id: string): string {
  return join(scratchPath, 'jobs', id)
}

/** Creates the folder. Returns false if it exists: a start or a cancel may have come before. */
export function makeJobFolder (folder: string): boolean {
  try {
    mkdirSync(folder, 0o700)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Writes everything that the supervisor needs, and creates all that it writes but `state`: a disk that has no inodes
 * left meanwhile must not fail the start. Writes `launch` last: if it exists, all files do. Safe to repeat.
 */
export function writeJobFiles (folder: string, { record, launchScript, stdin, owner }: JobFiles): void {
  writeFileSync(join(folder, 'job.json'), JSON.stringify(record), { mode: 0o600 })
  if (stdin !== undefined) writeOwned(join(folder, 'stdin'), owner, stdin)
  for (const name of ['stdout', 'stderr']) writeOwned(join(folder, name), owner)
  // With an empty line it has a block, so that the report has room if the disk becomes full before the program runs.
  writeOwned(join(folder, 'report'), owner, '\n')
  writeOwned(controlNoteFile(folder), undefined, controlNoteText({}))
  // The user's shell reads the script from an open descriptor. Only the launcher can change the script meanwhile.
  writeOwned(join(folder, 'launch.new'), undefined, launchScript)
  renameSync(join(folder, 'launch.new'), join(folder, 'launch'))
}

/** The file belongs to the job's user because a program may open it again as /dev/stdin, /dev/stdout or /dev/stderr. */
function writeOwned (path: string, owner: Account | undefined, text = ''): void {
  const descriptor = openSync(path, 'w', 0o600)
  try {
    writeFileSync(descriptor, text)
    if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid)
  } finally {
    closeSync(descriptor)
  }
}

export function isPrepared (folder: string): boolean {
  return exists(join(folder, 'launch'))
}

export function isClaimed (folder: string): boolean {
  return exists(join(folder, 'state'))
}

function exists (path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

export interface StateFiles {
  /** Text of `state`, which only the launcher's user writes. */
  readonly text: string
  /** The beginning of `report`, which the job's user writes. Undefined if it was removed or cannot be opened. */
  readonly report: string | undefined
  /** When `state` was last written; milliseconds since 1970. */
  readonly writtenAt: number
}

/** Undefined if no supervisor and no cancel has claimed the job. */
export function readState (folder: string): StateFiles | undefined {
  const path = join(folder, 'state')
  const text = readIfThere(path)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (text === undefined || stat === undefined) return undefined
  return { text, report: readReport(folder), writtenAt: Math.round(stat.mtimeMs) }
}

/** Of a report: more than the first line of a program in it. */
const REPORT_BYTES = 256

/**
 * A report is one or two short lines after an empty one. If the job's user writes more, the rest is not read. If a
 * process of that user has a lease on it, an open would wait for up to a minute; without waiting, it fails.
 */
function readReport (folder: string): string | undefined {
  const bytes = Buffer.alloc(REPORT_BYTES)
  try {
    const descriptor = openSync(join(folder, 'report'), READ_AT_ONCE | constants.O_NOFOLLOW)
    try {
      return bytes.toString('utf8', 0, readSync(descriptor, bytes))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (['ENOENT', 'EAGAIN'].includes(systemCode(error) ?? '')) return undefined
    throw error
  }
}

/**
 * Claims the job, so that no supervisor can run it any more. Returns false if the job is claimed already. Throws
 * StoreUnavailable if the claim cannot be written.
 */
export function claimForCancel (folder: string): boolean {
  let descriptor: number
  try {
    descriptor = openSync(join(folder, 'state'), 'wx', 0o600)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') return false
    if (code === 'ENOENT') return true
    throw new LauncherError('StoreUnavailable', `The cancel cannot be written into ${folder} (${code}).`, {}, {
      cause: error
    })
  }
  try {
    writeFileSync(descriptor, CANCELED_STATE)
  } catch {
    // An empty file is a claim too.
  } finally {
    closeSync(descriptor)
  }
  return true
}

/** Returns undefined if the record is missing or damaged. */
export function readRecord (folder: string): JobRecord | undefined {
  const record = parseRecord(folder)
  return Number.isSafeInteger(record?.account?.uid) && Array.isArray(record?.ports) ? record as JobRecord : undefined
}

/** Any property may be missing. */
function parseRecord (folder: string): Partial<JobRecord> | undefined {
  try {
    const text = readIfThere(join(folder, 'job.json'))
    return text === undefined ? undefined : parseObject(text)
  } catch {
    // A record that cannot be read, as on a disk with a bad block, must not keep the job alive.
    return undefined
  }
}

/** Returns what a launcher that has lost its database needs. Undefined if the record is missing or damaged. */
export function recoverJob (folder: string): RecoveredJob | undefined {
  const record = parseRecord(folder) as JobRecord | undefined
  if (record === undefined) return undefined
  const { id, user, groups, submission, submissionTime } = record
  if (typeof user !== 'string' || !Number.isSafeInteger(submissionTime)) return undefined
  if (typeof submission?.name !== 'string') return undefined
  const array = readJobArray(record.array)
  const idempotency = readIdempotency(record.idempotency)
  const key = readJobKey(record.key)
  const { intent } = readControlNote(folder)
  return {
    id,
    user,
    ...(groups !== undefined && { groups }),
    submission,
    submissionTime,
    ...(array && { array }),
    ...(idempotency && { idempotency }),
    ...(key && { key }),
    ...(intent && { intent })
  }
}

/** Builds the record of a job that is about to start. */
export function recordOf (
  { id, user, groups, submission, submissionTime, array, idempotency, key }: Job,
  account: Account,
  ports: readonly number[]
): JobRecord {
  const { secrets, stdin, ...shown } = submission
  return {
    id,
    user,
    ...(groups !== undefined && { groups }),
    submission: shown,
    submissionTime,
    ...(array && { array }),
    ...(idempotency && { idempotency }),
    ...(key && { key }),
    account,
    ports
  }
}

export function removeFolder (folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

export function makeJobsFolder (scratchPath: string): void {
  mkdirSync(jobsFolder(scratchPath), { mode: 0o700, recursive: true })
  chmodSync(jobsFolder(scratchPath), 0o700)
}

/** Yields the ids of all jobs that have a folder. */
export async function * jobIds (scratchPath: string): AsyncGenerator<string> {
  for await (const entry of await opendir(jobsFolder(scratchPath))) {
    if (entry.isDirectory() && JOB_ID.test(entry.name)) yield entry.name
  }
}

function readIfThere (path: string): string | undefined {
  try {
    return readFileSync(path, { encoding: 'utf8', flag: READ_AT_ONCE })
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
