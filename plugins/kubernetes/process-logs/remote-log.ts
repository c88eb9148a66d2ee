// A file of process logs as the reader of outputs takes it.

import { join } from 'node:path'
import type { OutputFile } from '../../../launcher/plugin-kit/file-output.ts'
import { bytesOf, outputLimitOf } from '../../../launcher/plugin-kit/output-limit.ts'
import type { Job, JobSubmission } from '../../../launcher/plugin.ts'
import { chosenMount, chosenOutput } from '../objects/chosen-output.ts'
import type { LogFiles } from './log-files.ts'
import { STREAMS, type FoundFile, type LogStream } from './log-folder.ts'
import { replaced, type KnownFiles } from './known-files.ts'
import type { LogReader } from './open-as-reader.ts'

/**
 * How long a file system that does not show new bytes on open may hide the last ones of a program. Many that are in
 * user space, and SMB, cache sizes for a second.
 */
const SETTLE_MS = 3000

export interface RemoteLogOptions {
  readonly job: Pick<Job, 'submission'>
  readonly stream: LogStream
  /** The launcher's own path of the data. */
  readonly root: string
  /** Relative to the data. */
  readonly folder: string
  /** Throws if the launcher has no path of the data. */
  readonly logFiles: () => LogFiles
  /** Files that the launcher created, as they were found at first. Another file in the place of one is not read. */
  readonly known: KnownFiles
  /** Gets the end of what was read of such a file. */
  readonly onRead?: (end: number) => void
  /** Such a file is shorter than what was read before, or another one is in its place. */
  readonly onChanged?: () => void
}

/** The file of the stream, or the file that the job chose instead. */
export function remoteLog (
  { job, stream, root, folder, logFiles, known, onRead, onChanged }: RemoteLogOptions
): OutputFile {
  const chosen = chosenOutput(job.submission, stream)
  const path = chosen ?? join(folder, stream)
  const reader = readerOf(job.submission, stream)
  // A program can write on until it is killed, or make its file larger without writing.
  const limitMb = outputLimitOf(job.submission)
  const end = limitMb === undefined ? Infinity : bytesOf(limitMb)
  async function requireSame (found: FoundFile | undefined): Promise<void> {
    if (chosen !== undefined || !await replaced(known, stream, found, logFiles())) return
    onChanged?.()
    throw Object.assign(new Error('another file is in its place'), { code: 'ESTALE' })
  }

  return {
    stream,
    path: join(root, path),
    remote: {
      isChosen: chosen !== undefined,
      async read (memory, length, offset) {
        const wanted = Math.max(0, Math.min(length, end - offset))
        const { count, found } = await logFiles().readInto(path, offset, wanted, () => memory().buffer, reader)
        await requireSame(found)
        if (chosen === undefined) onRead?.(offset + count)
        if (chosen === undefined && found !== undefined && found.size < offset) onChanged?.()
        return count
      },
      async size () {
        const found = await logFiles().read(path, 0, 0, reader)
        // The launcher created the file, so a job whose data is away must not seem to have written nothing.
        if (found === undefined && chosen === undefined) throw missing()
        await requireSame(found)
        return Math.min(end, found?.size ?? 0)
      },
      settleMs: async () => await logFiles().showsOnOpen() ? 0 : SETTLE_MS
    }
  }
}

/** The sizes of the files that the job chose. One that cannot be read has none: its output is refused. */
export async function chosenSizes (
  submission: JobSubmission, files: Pick<LogFiles, 'read'>
): Promise<number[]> {
  return await Promise.all(STREAMS.map(async stream => {
    const path = chosenOutput(submission, stream)
    if (path === undefined) return 0
    const found = await files.read(path, 0, 0, readerOf(submission, stream)).catch(() => undefined)
    return found?.size ?? 0
  }))
}

/** The user of the container, for a file that the job chose. */
function readerOf (submission: JobSubmission, stream: LogStream): LogReader | undefined {
  const mount = chosenMount(submission, stream)
  if (mount === undefined) return undefined
  const { runAsUserId = 0, runAsGroupId, supplementalGroupIds = [] } = submission.container ?? {}
  const userId = runAsUserId === 0 ? undefined : runAsUserId
  return { userId, groupIds: [...(runAsGroupId === undefined ? [] : [runAsGroupId]), ...supplementalGroupIds], mount }
}

function missing (): Error {
  return Object.assign(new Error('it does not exist; check that the data is mounted'), { code: 'ENOENT' })
}
