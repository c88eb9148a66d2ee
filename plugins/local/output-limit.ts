// Enforces the limit on a job's output.

import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { bytesOf, outputEndMark, outputLimitOf } from '../../launcher/plugin-kit/output-limit.ts'
import type { Job } from '../../launcher/plugin.ts'
import { writeControlNote } from './control-note.ts'
import { jobFolder, readRecord } from './job-folder.ts'
import { outputBytes } from './output-size.ts'
import type { Parts } from './parts.ts'
import { treeOf } from './running-job.ts'
import { kill } from './signals.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

/** The file belongs to the job's user. A process of that user may have a lease on it, for which an open would wait. */
const AT_ONCE = constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Has the output watched. Kills the job if it has written more than its limit, and resolves with whether it had. */
export async function enforceOutputLimit (
  job: Job,
  started: StartedSupervisor,
  parts: Parts
): Promise<boolean> {
  const { id, submission } = job
  const { outputWatch, overOutputLimit, scratchPath, terminated } = parts
  const limitMb = outputLimitOf(submission)
  if (limitMb === undefined) return false
  const folder = jobFolder(scratchPath, id)
  const written = (): number => outputBytes(folder, submission, started.pid)
  outputWatch.watch(id, bytesOf(limitMb), written)
  if (written() <= bytesOf(limitMb)) return false
  overOutputLimit.add(id)
  noteOverLimit(folder)
  const tree = await treeOf(job, started, readRecord(folder), parts)
  await kill(tree, terminated.get(id), () => markEnd(folder, outputEndMark(limitMb)))
  return true
}

/** Without the note only this launcher knows why the job was killed. */
function noteOverLimit (folder: string): void {
  try {
    writeControlNote(folder, { overOutputLimit: true })
  } catch {
    // The job's folder was removed.
  }
}

/** Appends the mark once to the longer of the files that the launcher keeps. No process of the job is left to write. */
function markEnd (folder: string, mark: Buffer): void {
  const sizeOf = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? -1
  const file = join(folder, sizeOf('stderr') > sizeOf('stdout') ? 'stderr' : 'stdout')
  try {
    if (!endsWith(file, mark)) append(file, mark)
  } catch {
    // The outcome says it too. The disk may be full.
  }
}

function append (file: string, mark: Buffer): void {
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_APPEND | AT_ONCE)
  try {
    writeSync(descriptor, mark)
  } finally {
    closeSync(descriptor)
  }
}

function endsWith (file: string, mark: Buffer): boolean {
  const descriptor = openSync(file, constants.O_RDONLY | AT_ONCE)
  try {
    const end = Buffer.alloc(mark.length)
    readSync(descriptor, end, 0, mark.length, Math.max(0, fstatSync(descriptor).size - mark.length))
    return end.equals(mark)
  } finally {
    closeSync(descriptor)
  }
}
