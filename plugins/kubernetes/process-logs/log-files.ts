// The process logs of the jobs in the data of the host. A network file system may not answer for minutes, so a thread
// of its own makes all calls: it delays nothing else, neither the event loop nor the thread pool that syncs the store.

import { dirname, extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import PQueue from 'p-queue'
import type { FoundFile, LogSizes, ReadInto } from './log-folder.ts'
import type { LogReader } from './open-as-reader.ts'

/** Folders and paths are relative to the data. All calls reject with the system's error, or with ETIMEDOUT. */
export interface LogFiles {
  /**
   * Creates the folder of a job and its files. Files that exist are kept. Resolves with the first folder on the way
   * that did not exist.
   */
  create (folder: string): Promise<string | undefined>
  /**
   * Resolves with up to `length` bytes at `offset`, and which file it is; undefined if the file does not exist. Each
   * call opens the file, because the cache of a network file system is only checked then. With `reader`, rejects with
   * EACCES if this user may not read the file.
   */
  read (
    path: string, offset: number, length: number, reader?: LogReader
  ): Promise<FoundFile & { readonly data: Uint8Array } | undefined>
  /**
   * Reads up to `length` bytes at `offset` into the start of `memory`, which is only taken when the read begins.
   * After an error, the thread may still write to the memory. `reader` is that of `read`.
   */
  readInto (
    path: string, offset: number, length: number, memory: () => SharedArrayBuffer, reader?: LogReader
  ): Promise<ReadInto>
  /** A file that is missing has no size. */
  sizes (folder: string): Promise<Partial<LogSizes>>
  /** The bytes in the files of each folder. A file that is missing or cannot be opened counts as empty. */
  writtenBytes (folders: readonly string[]): Promise<number[]>
  /**
   * Removes a few files at a time, so that other calls do not wait for all. With `made`, a folder above, also removes
   * the folders from there on if nothing else is in them.
   */
  remove (folder: string, made?: string): Promise<void>
  /** Rejects if the data itself does not exist. */
  exists (path: string): Promise<boolean>
  /** Creates a file by which the data is recognized, and the folders above it. */
  mark (path: string): Promise<void>
  /** When a file or folder last changed, by the clock of its file system. Undefined if it does not exist. */
  changedMs (path: string): Promise<number | undefined>
  /** The names in a folder. None if it does not exist. */
  list (folder: string): Promise<string[]>
  /** Free and all bytes of the file system. */
  space (): Promise<{ readonly freeBytes: number, readonly totalBytes: number }>
  /**
   * Whether the file system shows at once, to a reader that opens a file, what an ended program wrote. The inode of a
   * file then never changes.
   */
  showsOnOpen (): Promise<boolean>
  /** Rejects if a folder with its files cannot be created, written and removed in `parent`. */
  probe (parent: string): Promise<void>
  /** Ends the thread, or leaves it if it hangs. Calls in progress reject. */
  close (): Promise<void>
}

export interface Request {
  readonly number: number
  readonly call:
    'create' | 'read' | 'readInto' | 'sizes' | 'writtenBytes' | 'removeSome' | 'removeEmpty' | 'exists' | 'mark' |
    'changedMs' | 'list' | 'space' | 'showsOnOpen' | 'probe'
  readonly args: ReadonlyArray<string | number | SharedArrayBuffer | LogReader | undefined | readonly string[]>
}

export interface Reply {
  readonly number: number
  readonly value?: unknown
  readonly failed?: { readonly message: string, readonly code: string | undefined }
}

interface Waiting {
  readonly settled: PromiseWithResolvers<unknown>
  readonly timer: NodeJS.Timeout
}

const THREAD = new URL(`./log-thread${extname(import.meta.filename)}`, import.meta.url)
const TIMEOUT_MS = 10_000
/** Removed in one call: less than 0.1 s over a slow network. */
const FILES_A_STEP = 50
/** So many keep the thread busy. More would delay its other calls, and fill memory before it is needed. */
const READS_AT_ONCE = 4
/** A thread that does not end in this time waits for the file system. */
const END_MS = 1000

/** `root` is the launcher's own path of the data. The first call starts the thread, and the next one if it is gone. */
export function createLogFiles (root: string, timeoutMs = TIMEOUT_MS): LogFiles {
  const reads = new PQueue({ concurrency: READS_AT_ONCE })
  const waiting = new Map<number, Waiting>()
  /** Calls that timed out and that the thread has not answered yet. */
  const late = new Set<number>()
  let thread: Worker | undefined
  let last = 0
  /** Calls of this turn of the event loop. */
  let unsent: Request[] = []

  function newThread (): Worker {
    const made = new Worker(THREAD, { workerData: { root } })
    made.on('message', ({ number, value, failed }: Reply) => {
      late.delete(number)
      settle(number, failed === undefined
        ? ({ resolve }) => resolve(value)
        : ({ reject }) => reject(Object.assign(new Error(failed.message), { code: failed.code })))
    })
    // A listener of messages would hold the process again.
    made.unref()
    let reason: Error | undefined
    process.on('exit', leaveThread)
    made.once('error', error => { reason = error })
    made.once('exit', () => {
      process.off('exit', leaveThread)
      thread = undefined
      late.clear()
      const gone = new Error('the thread that reads process logs ended', { cause: reason })
      for (const number of [...waiting.keys()]) settle(number, ({ reject }) => reject(gone))
    })
    return made
  }

  function settle (number: number, how: (settled: PromiseWithResolvers<unknown>) => void): void {
    const found = waiting.get(number)
    if (found === undefined) return
    waiting.delete(number)
    clearTimeout(found.timer)
    how(found.settled)
  }

  /**
   * Node waits for all threads before it exits, for as long as the file system does not answer. The system ends the
   * threads of a process that executes another program.
   */
  function leaveThread (code: number): void {
    if (waiting.size === 0 && late.size === 0) return
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exit(${code})`], {})
  }

  function notAnswering (): Error {
    return Object.assign(new Error(`${root} did not answer within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' })
  }

  /** A message wakes the thread, which costs more than most calls. */
  function send (): void {
    if (unsent.length > 0) (thread ??= newThread()).postMessage(unsent satisfies Request[])
    unsent = []
  }

  async function call<T> (name: Request['call'], ...args: Request['args']): Promise<T> {
    // Further calls would only wait behind the one that hangs.
    if (late.size > 0) throw notAnswering()
    const number = ++last
    const settled = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => {
      late.add(number)
      settle(number, ({ reject }) => reject(notAnswering()))
    }, timeoutMs)
    waiting.set(number, { settled, timer })
    if (unsent.push({ number, call: name, args }) === 1) setImmediate(send)
    return await settled.promise as T
  }

  return {
    create: folder => call('create', folder),
    read: (path, offset, length, reader) => call('read', path, offset, length, reader),
    readInto: (path, offset, length, memory, reader) =>
      reads.add(() => call('readInto', path, offset, length, memory(), reader)),
    sizes: folder => call('sizes', folder),
    writtenBytes: folders => call('writtenBytes', folders),
    async remove (folder, made = folder) {
      while (!await call<boolean>('removeSome', folder, FILES_A_STEP));
      if (made !== folder) await call('removeEmpty', dirname(folder), made)
    },
    exists: path => call('exists', path),
    mark: path => call('mark', path),
    changedMs: path => call('changedMs', path),
    list: folder => call('list', folder),
    space: () => call('space'),
    showsOnOpen: () => call('showsOnOpen'),
    probe: parent => call('probe', parent),
    async close () {
      unsent = []
      const timer = Promise.withResolvers<void>()
      const timeout = setTimeout(timer.resolve, END_MS)
      await Promise.race([thread?.terminate(), timer.promise])
      clearTimeout(timeout)
      for (const number of [...waiting.keys()]) {
        late.add(number)
        settle(number, ({ reject }) => reject(notAnswering()))
      }
    }
  }
}
