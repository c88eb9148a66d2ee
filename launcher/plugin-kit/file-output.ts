// Hands over a job's output from files that grow, piece by piece as it is pulled.

import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { LauncherError, systemCode } from '../errors.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'
import { createNotifier } from '../lib/notifier.ts'
import type { FileWatcher } from './file-watcher.ts'
import type { SharedReads } from './shared-reads.ts'
import { UserFileError, type UserFile } from './user-file.ts'

/** Milliseconds after which a follower looks without having been told. */
const LOOK_MS = 1000

export interface OutputFile {
  /** `mixed`: the job's one stream, which is read whatever stream the request names. */
  readonly stream: OutputChunk['stream']
  readonly path: string
  /**
   * The job chose the path, so the launcher does not touch it: opens it as the job's user, for reading from `offset`
   * on. Resolves with undefined if there is no such file; rejects with UserFileError.
   */
  readonly openAsUser?: (offset: number) => Promise<UserFile | undefined>
}

export interface OutputSource {
  readonly files: readonly OutputFile[]
  readonly fileWatcher: FileWatcher
  readonly sharedReads: SharedReads
  /** Whether the job has ended, so that its files grow no more. */
  readonly isEnded: () => boolean
  /** Calls the function when the job may have ended; returns what takes that back. */
  readonly onEnd: (listener: () => void) => () => void
}

interface Reader {
  readonly file: OutputFile
  handle: FileHandle | undefined
  userFile: UserFile | undefined
  offset: number
}

/** Throws OutputOffsetPastEnd, which names the size, or OutputNotReadable. */
export async function openFileOutput (
  source: OutputSource,
  request: OutputRequest
): Promise<AsyncIterable<OutputChunk>> {
  const files = source.files.filter(
    ({ stream }) => stream === 'mixed' || request.stream === 'both' || request.stream === stream
  )
  for (const file of files) await checkOffset(file, startOf(file, request))
  return pieces(files, source, request)
}

async function * pieces (
  files: OutputFile[], source: OutputSource, request: OutputRequest
): AsyncGenerator<OutputChunk> {
  const { follow, signal } = request
  const readers: Reader[] = files.map(file => ({
    file, handle: undefined, userFile: undefined, offset: startOf(file, request)
  }))
  const notifier = createNotifier()
  let maybeOver = true
  let over = false
  let unfollow: Array<() => void> = []
  const own = files.filter(({ openAsUser }) => openAsUser === undefined)
  const watchFiles = (): void => { unfollow = own.map(({ path }) => source.fileWatcher.watch(path, notifier.notify)) }
  const unwatchFiles = (): void => { for (const stop of unfollow) stop() }
  const forgetEnd = source.onEnd(() => {
    maybeOver = true
    notifier.notify()
  })
  signal.addEventListener('abort', notifier.notify)
  if (follow) watchFiles()
  // A file that the job chose may change under the reader; the others only grow.
  const unshare = own.map(({ path }) => source.sharedReads.open(path))
  try {
    while (!signal.aborted) {
      notifier.reset()
      let found = false
      for (const reader of readers) {
        const data = await readNext(reader, source.sharedReads)
        if (data.length === 0 || signal.aborted) continue
        found = true
        const offset = reader.offset
        reader.offset += data.length
        yield { stream: reader.file.stream, offset, data }
      }
      if (found) continue
      if (!follow || over) return
      // What was written before the job was over is read in one more round.
      if (maybeOver) over = source.isEnded()
      maybeOver = false
      if (over) continue
      if (!await notifier.wait(LOOK_MS)) {
        maybeOver = true
        unwatchFiles()
        watchFiles()
      }
    }
  } finally {
    forgetEnd()
    unwatchFiles()
    for (const close of unshare) close()
    signal.removeEventListener('abort', notifier.notify)
    for (const { handle, userFile } of readers) {
      userFile?.close()
      await handle?.close()
    }
  }
}

function startOf ({ stream }: OutputFile, request: OutputRequest): number {
  if (stream !== 'mixed') return request.from[stream]
  return request.from[request.stream === 'stderr' ? 'stderr' : 'stdout']
}

async function readNext (reader: Reader, sharedReads: SharedReads): Promise<Uint8Array> {
  if (reader.file.openAsUser !== undefined) return await readAsUser(reader)
  const handle = reader.handle ??= await openFile(reader.file)
  if (handle === undefined) return new Uint8Array()
  return await sharedReads.get(
    reader.file.path,
    reader.offset,
    async (buffer, length, offset) => (await handle.read(buffer, 0, length, offset)).bytesRead
  )
}

/** One process reads to the end of the file that it found; the next call after that opens the file again. */
async function readAsUser (reader: Reader): Promise<Uint8Array> {
  const { file, offset } = reader
  try {
    reader.userFile ??= await file.openAsUser!(offset)
    const data = await reader.userFile?.read() ?? new Uint8Array()
    if (data.length === 0) reader.userFile = undefined
    return data
  } catch (error) {
    reader.userFile = undefined
    throw asNotReadable(file, error)
  }
}

async function checkOffset (file: OutputFile, offset: number): Promise<void> {
  const size = await sizeOf(file, offset)
  if (offset <= size) return
  throw new LauncherError(
    'OutputOffsetPastEnd',
    `The offset ${offset} is past the end of ${nameOf(file.stream)}, which has ${size} bytes.`,
    { stream: file.stream, offset, size }
  )
}

/** 0 if there is no file yet. */
async function sizeOf (file: OutputFile, offset: number): Promise<number> {
  if (file.openAsUser !== undefined) {
    const userFile = await file.openAsUser(offset).catch((error: unknown) => { throw asNotReadable(file, error) })
    userFile?.close()
    return userFile?.size ?? 0
  }
  const handle = await openFile(file)
  try {
    return handle === undefined ? 0 : (await handle.stat()).size
  } finally {
    await handle?.close()
  }
}

/** Undefined when there is no file yet. */
async function openFile (file: OutputFile): Promise<FileHandle | undefined> {
  try {
    return await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return undefined
    throw notReadable(file, code === 'ELOOP' ? 'is a symbolic link' : `cannot be opened (${code})`)
  }
}

function asNotReadable (file: OutputFile, error: unknown): unknown {
  return error instanceof UserFileError ? notReadable(file, error.message) : error
}

function notReadable ({ stream, path, openAsUser }: OutputFile, why: string): LauncherError {
  const role = openAsUser === undefined
    ? `that keeps ${nameOf(stream)}`
    : `that the job was told to write ${nameOf(stream)} to`
  return new LauncherError('OutputNotReadable', `The file ${path} ${role} ${why}.`, { stream, path })
}

function nameOf (stream: OutputFile['stream']): string {
  return stream === 'mixed' ? 'the output' : stream
}
