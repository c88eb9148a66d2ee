// Hands over a job's output from files that grow, piece by piece as it is pulled.

import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { LauncherError, systemCode } from '../errors.ts'
import type { OutputChunk, OutputRequest } from '../plugin.ts'
import { createNotifier } from '../lib/notifier.ts'
import type { FileWatcher } from './file-watcher.ts'
import type { SharedReads } from './shared-reads.ts'

/** Milliseconds after which a follower looks without having been told. */
const LOOK_MS = 1000

export interface OutputFile {
  /** `mixed`: the job's one stream, which is read whatever stream the request names. */
  readonly stream: OutputChunk['stream']
  readonly path: string
  /** The job chose the path: it must be a regular file of this user (undefined: of anybody), and no symbolic link. */
  readonly given?: { readonly uid: number | undefined }
}

export interface OutputSource {
  readonly files: readonly OutputFile[]
  readonly fileWatcher: FileWatcher
  readonly sharedReads: SharedReads
  /** Whether the job has ended, so that its files grow no more. */
  readonly isEnded: () => boolean
  /** Calls the function when the job may have ended; returns what takes that back. */
  readonly onEnd: (ring: () => void) => () => void
}

interface Reader {
  readonly file: OutputFile
  handle: FileHandle | undefined
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
  const readers: Reader[] = files.map(file => ({ file, handle: undefined, offset: startOf(file, request) }))
  const notifier = createNotifier()
  let maybeOver = true
  let over = false
  let unfollow: Array<() => void> = []
  const watchFiles = (): void => { unfollow = files.map(({ path }) => source.fileWatcher.watch(path, notifier.notify)) }
  const unwatchFiles = (): void => { for (const stop of unfollow) stop() }
  const forgetEnd = source.onEnd(() => {
    maybeOver = true
    notifier.notify()
  })
  signal.addEventListener('abort', notifier.notify)
  if (follow) watchFiles()
  // A file that the job chose may change under the reader; the others only grow.
  const unshare = files.filter(({ given }) => given === undefined).map(({ path }) => source.sharedReads.open(path))
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
    for (const { handle } of readers) await handle?.close()
  }
}

function startOf ({ stream }: OutputFile, request: OutputRequest): number {
  if (stream !== 'mixed') return request.from[stream]
  return request.from[request.stream === 'stderr' ? 'stderr' : 'stdout']
}

async function readNext (reader: Reader, sharedReads: SharedReads): Promise<Uint8Array> {
  const handle = reader.handle ??= await openFile(reader.file)
  if (handle === undefined) return new Uint8Array()
  return await sharedReads.get(
    reader.file.path,
    reader.offset,
    async (buffer, length, offset) => (await handle.read(buffer, 0, length, offset)).bytesRead
  )
}

async function checkOffset (file: OutputFile, offset: number): Promise<void> {
  const handle = await openFile(file)
  try {
    const size = handle === undefined ? 0 : (await handle.stat()).size
    if (offset > size) {
      throw new LauncherError(
        'OutputOffsetPastEnd',
        `The offset ${offset} is past the end of ${nameOf(file.stream)}, which has ${size} bytes.`,
        { stream: file.stream, offset, size }
      )
    }
  } finally {
    await handle?.close()
  }
}

/** Undefined when there is no file yet. */
async function openFile ({ stream, path, given }: OutputFile): Promise<FileHandle | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (systemCode(error) === 'ELOOP') throw notReadable('is a symbolic link')
    throw notReadable(`cannot be opened (${systemCode(error)})`)
  }
  const stat = await handle.stat()
  if (given === undefined || (stat.isFile() && (given.uid === undefined || stat.uid === given.uid))) return handle
  await handle.close()
  throw notReadable(stat.isFile() ? 'belongs to somebody else than the job\'s user' : 'is not a regular file')

  function notReadable (why: string): LauncherError {
    const role =
      given === undefined ? `that keeps ${nameOf(stream)}` : `that the job was told to write ${nameOf(stream)} to`
    return new LauncherError('OutputNotReadable', `The file ${path} ${role} ${why}.`, { stream, path })
  }
}

function nameOf (stream: OutputFile['stream']): string {
  return stream === 'mixed' ? 'the output' : stream
}
