// Knows which jobs have process logs in the data of the host, and where.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { RetryableError, systemCode } from '../../../launcher/errors.ts'
import type { OutputFile } from '../../../launcher/plugin-kit/file-output.ts'
import { bytesOf, outputLimitOf } from '../../../launcher/plugin-kit/output-limit.ts'
import type { Job } from '../../../launcher/plugin.ts'
import type { ProcessLogs } from '../config/process-logs.ts'
import type { Truncation } from '../metadata/annotations.ts'
import { dataLink, removeMarkers } from './data-identity.ts'
import { createDataState, type DataState } from './data-state.ts'
import { createFormerFolders, logDirOf } from './former-folders.ts'
import { isFolderOfJob, jobIdOfFolder, newFolderName } from './folder-name.ts'
import { replaced, type KnownFiles } from './known-files.ts'
import { createLimitedLogs } from './limited-logs.ts'
import { linkTarget, setLink } from './link-target.ts'
import { createLogFiles, type LogFiles } from './log-files.ts'
import { STREAMS, type LogSizes, type LogStream } from './log-folder.ts'
import { chosenSizes, remoteLog } from './remote-log.ts'
import { removeOldTrials } from './trial-folder.ts'
import { unneededFolders } from './unneeded-folders.ts'

const TOKEN_BYTES = 16

export interface JobLogs extends Pick<DataState, 'check' | 'freeBytes' | 'problem'> {
  /** The folder of the job's process logs, relative to the data. Undefined for a job whose output goes to the node. */
  folderOf (id: string): string | undefined
  /** Creates the folder of a job that is about to start. Rejects with RetryableError. */
  create (id: string): Promise<void>
  /** Rejects with RetryableError while the data does not answer: a call outside of the thread would hang, too. */
  requireAnswer (): Promise<void>
  /** The folders of process logs of all launchers, relative to the data: the present one, and former ones in use. */
  logFolders (): readonly string[]
  /**
   * The secret of the job's start, by which a report of its script is recognized. Undefined before `create`, after a
   * restart of the launcher and once the job has ended.
   */
  tokenOf (id: string): string | undefined
  /**
   * The job has ended. `reported` is the token of the report that its pod could not write process logs, undefined
   * without such a report. Jobs use the logs of the nodes then, but only if the token is that of the job: a program
   * can write such a report, too.
   */
  noteEnd (id: string, reported: string | undefined): void
  /**
   * Notes the folder that the Job names. It decides, because a start may have been repeated after a restart. A folder
   * that no launcher can have made for the job is ignored.
   */
  confirm (id: string, folder: string | undefined): void
  /** The files of a job with process logs. */
  files (job: JobFields): OutputFile[]
  /** The same for a job of another launcher instance, which has them in `folder`. */
  foreignFiles (job: JobFields, folder: string): OutputFile[]
  /** The sizes of the job's files. A file that is missing has none. */
  sizes (id: string): Promise<Partial<LogSizes>>
  /** Why output of an ended job is missing, or is not read. */
  truncationOf (job: JobFields): Promise<Truncation | undefined>
  /** Sets the limit on the output of a running job, in MB; undefined for none. */
  limit (id: string, limitMb: number | undefined): void
  /** Whether the job wrote more than its limit. */
  isOverLimit (id: string): boolean
  /**
   * Removes the folders of this launcher instance whose job `isKnown` and the scratch path do not know, and what
   * killed checks of doctor left.
   */
  collectGarbage (isKnown: (id: string) => boolean): Promise<void>
  /** Removes the files of the job. */
  remove (id: string): Promise<void>
  close (): Promise<void>
}

type JobFields = Pick<Job, 'id' | 'submission'>

interface JobLogsOptions {
  readonly config: ProcessLogs
  readonly scratchPath: string
  /**
   * Names the folder of the launcher instance, in which each cluster has its own. Both may share the folder of the
   * process logs with others, whose jobs are unknown here and must not be collected as garbage.
   */
  readonly instance: string
  readonly cluster: string
  readonly log: Logger
  /** Called with the id of a job that wrote more than its limit. */
  readonly onOverLimit: (id: string) => void
  /** Called with the id of a job that could not start, when the launcher can write process logs again. */
  readonly onUsable: (id: string) => void
  readonly open?: (root: string) => LogFiles
}

export function createJobLogs (
  { config, scratchPath, instance, cluster, log, onOverLimit, onUsable, open = createLogFiles }: JobLogsOptions
): JobLogs {
  const { dataPath } = config
  const parent = join(config.folder, instance, cluster)
  const logFiles = dataPath === undefined ? undefined : open(dataPath)
  const link = dataLink(scratchPath, cluster)
  const former = createFormerFolders({ dataPath: dataPath ?? '/', parent, link })
  const folders = new Map<string, string | undefined>()
  /** Kept nowhere else, so that no program can learn them. */
  const tokens = new Map<string, string>()
  /** The most that was read of each file. */
  const handedOut = new Map<string, Record<LogStream, number>>()
  /** Jobs with a file that was shorter than what was read, even if it grew again, or that was replaced. */
  const wereChanged = new Set<string>()
  const known = new Map<string, KnownFiles>()
  const overLimit = new Set<string>()
  const limited = createLimitedLogs({
    writtenBytes: ids => requiredFiles().writtenBytes(ids.map(id => folderOf(id) ?? parent)),
    onOverLimit (id) {
      overLimit.add(id)
      onOverLimit(id)
    }
  })
  /** Jobs whose start failed because of the data. */
  const waiting = new Set<string>()
  const data = createDataState({
    config,
    files: logFiles,
    parent,
    link,
    former,
    log,
    onUsable () {
      for (const id of waiting) onUsable(id)
      waiting.clear()
    }
  })

  function folderOf (id: string): string | undefined {
    if (!folders.has(id)) folders.set(id, linkTarget(linkOf(scratchPath, id)))
    return folders.get(id)
  }

  function required (id: string): { readonly files: LogFiles, readonly folder: string } {
    const folder = folderOf(id)
    if (folder === undefined) throw withoutPath()
    return { files: requiredFiles(), folder }
  }

  async function note (id: string, folder: string | undefined): Promise<void> {
    await setLink(linkOf(scratchPath, id), folder)
  }

  /** A later start may use the logs of the node, and must not name a folder that does not exist. */
  async function undo (id: string, folder: string): Promise<void> {
    await logFiles?.remove(folder).catch(() => {})
    await note(id, undefined).catch(() => {})
  }

  function requiredFiles (): LogFiles {
    if (logFiles === undefined) throw withoutPath()
    return logFiles
  }

  function filesIn (folder: string, job: JobFields, isOwn: boolean): OutputFile[] {
    const foreign: KnownFiles = {}
    return STREAMS.map(stream => remoteLog({
      job,
      stream,
      root: dataPath ?? '',
      folder,
      logFiles: requiredFiles,
      known: isOwn ? knownOf(job.id) : foreign,
      ...(isOwn && { onRead: end => noteRead(job.id, stream, end), onChanged: () => { wereChanged.add(job.id) } })
    }))
  }

  function knownOf (id: string): KnownFiles {
    const files = known.get(id) ?? {}
    known.set(id, files)
    return files
  }

  /** Resolves with the sizes of the job's files. A file that is missing has none. Notes one that was replaced. */
  async function look (id: string, files: LogFiles, folder: string): Promise<Partial<LogSizes>> {
    const sizes = await Promise.all(STREAMS.map(async stream => {
      const found = await files.read(join(folder, stream), 0, 0).catch(asMissing)
      if (await replaced(knownOf(id), stream, found, files)) wereChanged.add(id)
      return [stream, found?.size] as const
    }))
    return Object.fromEntries(sizes)
  }

  function noteRead (id: string, stream: LogStream, end: number): void {
    const most = handedOut.get(id) ?? { stdout: 0, stderr: 0 }
    most[stream] = Math.max(most[stream], end)
    handedOut.set(id, most)
  }

  function logFolders (): readonly string[] {
    return [...new Set([config.folder, ...former.all().map(logDirOf)])]
  }

  /** Resolves with the names that are left in the folder. */
  async function removeUnneeded (
    files: LogFiles, folder: string, isNeeded: (id: string) => boolean
  ): Promise<string[]> {
    const names = await files.list(folder)
    const unneeded = unneededFolders(names, isNeeded)
    for (const name of unneeded) await files.remove(join(folder, name))
    if (unneeded.length > 0) log.info({ folder, removed: unneeded.length }, 'unneeded process logs removed')
    return names.filter(name => !unneeded.includes(name))
  }

  return {
    problem: data.problem,
    check: data.check,
    freeBytes: data.freeBytes,
    folderOf,
    logFolders,
    async create (id) {
      const noted = folderOf(id)
      const folder = noted ?? join(parent, newFolderName(id))
      try {
        if (logFiles === undefined) throw withoutPath()
        if (noted === undefined) await note(id, folder)
        await data.requireRoom()
        await logFiles.create(folder)
        await look(id, logFiles, folder)
        folders.set(id, folder)
        if (!tokens.has(id)) tokens.set(id, randomBytes(TOKEN_BYTES).toString('hex'))
        waiting.delete(id)
      } catch (error) {
        waiting.add(id)
        if (noted === undefined) await undo(id, folder)
        if (systemCode(error) === undefined) throw error
        throw new RetryableError(
          `The folder of the job's output in ${dataPath} cannot be created: ${(error as Error).message}. Check ` +
          'that the launcher can write to DataDirPath.',
          { cause: error }
        )
      }
    },
    async requireAnswer () {
      await logFiles?.exists('.').catch((error: unknown) => {
        if (systemCode(error) === 'ETIMEDOUT') throw new RetryableError((error as Error).message, { cause: error })
      })
    },
    tokenOf: id => tokens.get(id),
    noteEnd (id, reported) {
      if (reported !== undefined && reported === tokens.get(id)) data.failedInPod()
      tokens.delete(id)
    },
    confirm (id, folder) {
      if (folderOf(id) === folder || (folder !== undefined && !isFolderOfJob(folder, id))) return
      folders.set(id, folder)
      note(id, folder).catch((error: unknown) => { log.warn({ err: error }, 'folder of process logs not noted') })
    },
    files: job => filesIn(folderOf(job.id)!, job, true),
    foreignFiles: (job, folder) => filesIn(folder, job, false),
    async sizes (id) {
      const { files, folder } = required(id)
      return await files.sizes(folder)
    },
    async truncationOf (job) {
      const { id, submission } = job
      const { files, folder } = required(id)
      const sizes = await look(id, files, folder)
      // Files whose mount is missing are not lost.
      if (STREAMS.some(stream => sizes[stream] === undefined)) await data.requireSame()
      const most = handedOut.get(id) ?? { stdout: 0, stderr: 0 }
      const isShorter = STREAMS.some(stream => (sizes[stream] ?? -1) < most[stream])
      if (isShorter || wereChanged.has(id)) return { reason: 'LogFileChanged' }
      const limitMb = outputLimitOf(submission) ?? Infinity
      const written = [sum(sizes), ...await chosenSizes(submission, files)]
      const isOver = overLimit.has(id) || written.some(bytes => bytes > bytesOf(limitMb))
      return isOver ? { reason: 'OutputLimitExceeded' } : undefined
    },
    limit (id, limitMb) {
      limited.set(id, overLimit.has(id) ? undefined : limitMb)
    },
    isOverLimit: id => overLimit.has(id),
    async collectGarbage (isKnown) {
      if (logFiles === undefined) return
      // The link is made before the folder, and removed after it.
      const isNeeded = (id: string): boolean => isKnown(id) || linkTarget(linkOf(scratchPath, id)) !== undefined
      await removeUnneeded(logFiles, parent, isNeeded)
      for (const folder of former.all()) {
        // The folder of a mount that is missing seems to be empty.
        await data.requireSame()
        const left = await removeUnneeded(logFiles, folder, isNeeded)
        if (left.some(name => jobIdOfFolder(name) !== undefined)) continue
        await removeMarkers(logFiles, folder, left)
        await former.forget(folder)
      }
      for (const folder of logFolders()) await removeOldTrials(logFiles, folder, Date.now())
    },
    async remove (id) {
      const folder = folderOf(id)
      folders.delete(id)
      tokens.delete(id)
      handedOut.delete(id)
      overLimit.delete(id)
      wereChanged.delete(id)
      known.delete(id)
      waiting.delete(id)
      limited.set(id, undefined)
      if (folder !== undefined) await logFiles?.remove(folder)
    },
    async close () {
      limited.close()
      await logFiles?.close()
    }
  }
}

function sum ({ stdout = 0, stderr = 0 }: Partial<LogSizes>): number {
  return stdout + stderr
}

/** What is there in place of a file is no file of the launcher. */
function asMissing (error: unknown): undefined {
  if (['ELOOP', 'EINVAL', 'ENXIO', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
  throw error
}

function withoutPath (): Error {
  return Object.assign(new RetryableError('the launcher has no path of the data (DataDirPath)'), { code: 'ENOENT' })
}

function linkOf (scratchPath: string, id: string): string {
  return join(scratchPath, 'jobs', id, 'process-logs')
}
