// Reads a job's output from growing files, one chunk each time the consumer asks for one.

import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { LauncherError, systemCode } from '../errors.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'
import { createNotifier } from '../lib/notifier.ts'
import type { FileWatcher } from './file-watcher.ts'
import { createChunkTurns, createLineTurns } from './line-turns.ts'
import type { Bytes, Read, SharedReads } from './shared-reads.ts'
import { offsetOfLastLines } from './last-lines.ts'
import { UserFileError, type UserFile } from './user-file.ts'

/** Milliseconds after which a follower checks the files without a notification. */
const POLL_MS = 1000
/** The same for a remote file that has just grown. Twice as long after each check that finds nothing. */
const REMOTE_POLL_MS = 50

export interface OutputFile {
  /** `mixed`: the job's only stream. It is read regardless of the stream in the request. */
  readonly stream: OutputChunk['stream']
  readonly path: string
  /**
   * Present if the job chose the path, which the launcher then does not touch. Opens the file as the job's user, to
   * read from `offset`. Resolves with undefined if the file does not exist. Rejects with UserFileError.
   */
  readonly openAsUser?: (offset: number) => Promise<UserFile | undefined>
  /** Present if the file may be on a network file system. These calls read it, and nothing announces its changes. */
  readonly remote?: RemoteFile
}

/** All reject with system errors. `read` takes a file that is missing as empty: it may come back. `size` may reject. */
export interface RemoteFile {
  /** The job chose the path. The file there may change, so reads are not shared. */
  readonly isChosen?: boolean
  readonly read: Read
  readonly size: () => Promise<number>
  /** How many milliseconds after the end of the job its last bytes may become visible. */
  readonly settleMs: () => Promise<number>
}

export interface OutputSource {
  readonly files: readonly OutputFile[]
  readonly fileWatcher: FileWatcher
  readonly sharedReads: SharedReads
  /** Whether the job has ended. Its files do not grow after that. */
  readonly isEnded: () => boolean
  /** Milliseconds since the end of a job that has ended. Only remote files need it. */
  readonly sinceEndMs?: () => number
  /** Calls `listener` when the job may have ended. The returned function removes the listener. */
  readonly onEnd: (listener: () => void) => () => void
}

const WHY_NOT_OPEN: Readonly<Record<string, string>> = {
  ELOOP: 'is a symbolic link',
  EAGAIN: 'is held by a process that has a lease on it'
}

interface Reader {
  readonly file: OutputFile
  handle: FileHandle | undefined
  userFile: UserFile | undefined
  offset: number
}

/** Rejects with OutputOffsetPastEnd, which names the size, or with OutputNotReadable. */
export async function openFileOutput (
  source: OutputSource,
  request: OutputRequest
): Promise<AsyncIterable<OutputChunk>> {
  const files = source.files.filter(
    ({ stream }) => stream === 'mixed' || request.stream === 'both' || request.stream === stream
  )
  const readers: Reader[] = files.map(file => ({
    file, handle: undefined, userFile: undefined, offset: startOf(file, request)
  }))
  const closeAll = (): void => { for (const { userFile } of readers) userFile?.close() }
  try {
    for (const reader of readers) await checkOffset(reader)
    if (request.tailLines !== undefined) {
      for (const reader of readers) await goToLastLines(reader, request.tailLines, source.sharedReads)
    }
  } catch (error) {
    closeAll()
    throw error
  }
  // A generator that never starts closes nothing.
  if (request.signal.aborted) closeAll()
  else request.signal.addEventListener('abort', closeAll, { once: true })
  return readChunks(readers, source, request, closeAll)
}

async function * readChunks (
  readers: readonly Reader[], source: OutputSource, request: OutputRequest, closeUnread: () => void
): AsyncGenerator<OutputChunk> {
  const { follow, signal } = request
  signal.removeEventListener('abort', closeUnread)
  const notifier = createNotifier()
  let mayHaveEnded = true
  let ended = false
  /** When the last bytes of the ended job are visible, by performance.now(). */
  let settledAt: number | undefined
  /** The files of a job that never started do not say that it has ended. */
  let isEmpty = true
  let stopWatching: Array<() => void> = []
  const launcherFiles = readers.map(({ file }) => file).filter(file => !isChosen(file))
  const watchedFiles = launcherFiles.filter(({ remote }) => remote === undefined)
  const watchFiles = (): void => {
    stopWatching = watchedFiles.map(({ path }) => source.fileWatcher.watch(path, notifier.notify))
  }
  const isRemote = readers.some(({ file }) => file.remote !== undefined)
  const shortestPollMs = isRemote ? REMOTE_POLL_MS : POLL_MS
  let pollMs = shortestPollMs
  const unwatchFiles = (): void => { for (const stop of stopWatching) stop() }
  const wakeAtEnd = (): void => {
    mayHaveEnded = true
    notifier.notify()
  }
  const removeEndListener = source.onEnd(wakeAtEnd)
  signal.addEventListener('abort', notifier.notify)
  request.ended?.addEventListener('abort', wakeAtEnd)
  if (follow) watchFiles()
  const createTurns = readers.length > 1 ? createLineTurns : createChunkTurns
  const streams = readers.map(reader => ({
    stream: reader.file.stream,
    turns: createTurns(async () => {
      const bytes = await readNext(reader, source.sharedReads)
      reader.offset += bytes.data.length
      return bytes
    })
  }))
  /** Offset of the next chunk of each stream. */
  const next = { stdout: 0, stderr: 0, mixed: 0 }
  for (const { file: { stream }, offset } of readers) next[stream] = offset
  // These files only grow. One at a path that the job chose may change, so its reads are not shared.
  const closeShared = launcherFiles.map(({ path }) => source.sharedReads.open(path))
  try {
    if (request.tailLines !== undefined) {
      for (const { file: { stream }, offset } of readers) yield { stream, offset, data: new Uint8Array() }
    }
    while (!signal.aborted) {
      notifier.reset()
      for (const { stream, turns } of streams) {
        for await (const bytes of turns.next()) {
          if (signal.aborted) break
          pollMs = shortestPollMs
          isEmpty = false
          const offset = next[stream]
          next[stream] += bytes.data.length
          yield { stream, offset, ...bytes }
        }
      }
      if (streams.some(({ turns }) => !turns.atEnd())) continue
      if (ended || !(follow || (isRemote && source.isEnded()))) return await requireFiles(readers)
      // One more round reads what was written before the job ended.
      if (mayHaveEnded && source.isEnded()) {
        settledAt ??= performance.now() + await unsettledMs(readers, source)
        ended = performance.now() >= settledAt
      } else if (mayHaveEnded) ended = isEmpty && request.ended?.aborted === true
      mayHaveEnded = settledAt !== undefined
      if (ended) continue
      if (await notifier.wait(Math.min(pollMs, settlingMs(settledAt)))) continue
      pollMs = Math.min(2 * pollMs, POLL_MS)
      if (pollMs < POLL_MS) continue
      mayHaveEnded = true
      unwatchFiles()
      watchFiles()
    }
  } finally {
    removeEndListener()
    unwatchFiles()
    for (const close of closeShared) close()
    signal.removeEventListener('abort', notifier.notify)
    request.ended?.removeEventListener('abort', wakeAtEnd)
    for (const { handle, userFile } of readers) {
      userFile?.close()
      await handle?.close()
    }
  }
}

/** Rejects with OutputNotReadable if a remote file is gone: what was read then is not all. */
async function requireFiles (readers: readonly Reader[]): Promise<void> {
  for (const reader of readers) if (reader.file.remote !== undefined) await sizeOf(reader)
}

/** How long the last bytes of the ended job may still become visible. */
async function unsettledMs (readers: readonly Reader[], { sinceEndMs }: OutputSource): Promise<number> {
  const remote = readers.find(({ file }) => file.remote !== undefined)
  if (remote === undefined) return 0
  const settleMs = await remote.file.remote!.settleMs().catch((error: unknown) => {
    throw asNotReadable(remote.file, error)
  })
  return Math.min(settleMs, settleMs - (sinceEndMs?.() ?? 0))
}

/** At least a millisecond, because timers are early at times. */
function settlingMs (settledAt = Infinity): number {
  return Math.max(1, settledAt - performance.now())
}

function startOf ({ stream }: OutputFile, request: OutputRequest): number {
  if (stream !== 'mixed') return request.from[stream]
  return request.from[request.stream === 'stderr' ? 'stderr' : 'stdout']
}

async function readNext (reader: Reader, sharedReads: SharedReads): Promise<Bytes> {
  const { openAsUser, path, remote } = reader.file
  if (openAsUser !== undefined) return { data: await readAsUser(reader) }
  if (remote !== undefined) {
    const reading = sharedReads.get(path, reader.offset, remote.read)
    return await reading.catch((error: unknown) => { throw asNotReadable(reader.file, error) })
  }
  const handle = reader.handle ??= await openFile(reader.file)
  if (handle === undefined) return { data: new Uint8Array() }
  return await sharedReads.get(
    reader.file.path,
    reader.offset,
    async (memory, length, offset) => (await handle.read(memory(), 0, length, offset)).bytesRead
  )
}

const MISSING_FILE: UserFile = { size: 0, read: async () => new Uint8Array(), close () {} }

/** A process reads up to the end of the file. The next call after that opens the file again. */
async function readAsUser (reader: Reader): Promise<Uint8Array> {
  const { file, offset } = reader
  try {
    reader.userFile ??= await file.openAsUser!(offset) ?? MISSING_FILE
    const data = await reader.userFile.read()
    if (data.length === 0) reader.userFile = undefined
    return data
  } catch (error) {
    reader.userFile = undefined
    throw asNotReadable(file, error)
  }
}

async function checkOffset (reader: Reader): Promise<void> {
  const { file, offset } = reader
  const size = await sizeOf(reader)
  if (offset <= size) return
  throw new LauncherError(
    'OutputOffsetPastEnd',
    `The offset ${offset} is past the end of ${nameOf(file.stream)}, which has ${size} bytes.`,
    { stream: file.stream, offset, size }
  )
}

async function goToLastLines (reader: Reader, lines: number, sharedReads: SharedReads): Promise<void> {
  const size = await sizeOf(reader)
  reader.userFile?.close()
  reader.userFile = undefined
  reader.offset = await offsetOfLastLines(lines, size, (start, end) => readRange(reader.file, start, end, sharedReads))
}

/** Resolves with fewer bytes if the file has become shorter. */
async function readRange (
  file: OutputFile, start: number, end: number, sharedReads: SharedReads
): Promise<Uint8Array> {
  const reader: Reader = { file, handle: undefined, userFile: undefined, offset: start }
  const pieces: Uint8Array[] = []
  try {
    while (reader.offset < end) {
      const { data, release } = await readNext(reader, sharedReads)
      if (data.length === 0) break
      pieces.push(Uint8Array.from(data.subarray(0, end - reader.offset)))
      reader.offset += data.length
      release?.()
    }
  } finally {
    reader.userFile?.close()
    await reader.handle?.close()
  }
  return Buffer.concat(pieces)
}

/**
 * Resolves with 0 if the file does not exist yet. A file that the job chose stays open, because another open would be
 * another process.
 */
async function sizeOf (reader: Reader): Promise<number> {
  const { file, offset } = reader
  if (file.openAsUser !== undefined) {
    const userFile = await file.openAsUser(offset).catch((error: unknown) => { throw asNotReadable(file, error) })
    reader.userFile = userFile ?? MISSING_FILE
    return reader.userFile.size
  }
  if (file.remote !== undefined) {
    return await file.remote.size().catch((error: unknown) => { throw asNotReadable(file, error) })
  }
  const handle = await openFile(file)
  try {
    return handle === undefined ? 0 : (await handle.stat()).size
  } finally {
    await handle?.close()
  }
}

/**
 * Resolves with undefined if the file does not exist yet. Does not wait for a process that has a lease on it: it would
 * wait in one of the few threads that all reads share.
 */
async function openFile (file: OutputFile): Promise<FileHandle | undefined> {
  try {
    return await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return undefined
    throw notReadable(file, WHY_NOT_OPEN[code ?? ''] ?? `cannot be opened (${code})`)
  }
}

function asNotReadable (file: OutputFile, error: unknown): unknown {
  if (error instanceof UserFileError) return notReadable(file, error.message)
  if (file.remote === undefined || systemCode(error) === undefined) return error
  return notReadable(file, `cannot be read: ${(error as Error).message}`)
}

function isChosen ({ openAsUser, remote }: OutputFile): boolean {
  return openAsUser !== undefined || remote?.isChosen === true
}

function notReadable (file: OutputFile, why: string): LauncherError {
  const { stream, path } = file
  const role = isChosen(file) ? `that the job specifies for ${nameOf(stream)}` : `that keeps ${nameOf(stream)}`
  return new LauncherError('OutputNotReadable', `The file ${path} ${role} ${why}.`, { stream, path })
}

function nameOf (stream: OutputFile['stream']): string {
  return stream === 'mixed' ? 'the output' : stream
}
