// Finds the newer files of a log that is read more slowly than it is written, and holds a place in each.
//
// A node rotates a log every few seconds if it is large, and its API opens the newest file only. A follow goes on with
// the file that is the newest when it reaches the end of its own, so it leaves out the files between them, and it waits
// at the end of its own if that was rotated earlier. Therefore each newer file is opened while it is the newest, and
// its stream waits, unread, until its turn comes.

import type { KubeClient } from '../client/client.ts'
import { headOf, readHead, type FileHead } from './file-head.ts'
import { isBefore, type LogPosition } from './log-position.ts'
import type { PassedTimes } from './passed-times.ts'

/** A file that waits to be read. */
export interface NewerFile {
  readonly head: FileHead
  /** Its stream from the start. Absent if the file could not be opened in time. */
  readonly open?: (signal: AbortSignal) => AsyncIterable<Uint8Array>
}

export interface NewerFiles {
  /** Counts received bytes, from which it decides when to look for a newer file. */
  received (bytes: number): void
  readonly isWaiting: boolean
  /**
   * Where a line is that the stream of the current file sent. `next`: the stream has gone on to the next file; it no
   * longer waits. `beyond`: the stream has left out a file, or more.
   */
  placeOf (time: string): 'here' | 'next' | 'beyond'
  /** Bytes of the line before that belong to the file in which the stream sent this line beyond the next file. */
  joinedBytes (time: string): Promise<number>
  /** Takes the next file. */
  shift (): NewerFile | undefined
  /** Closes the streams that wait. */
  close (): void
}

export interface NewerFilesOptions {
  readonly client: Pick<KubeClient, 'open'>
  readonly path: string
  readonly container: string
  readonly position: LogPosition
  readonly passed: PassedTimes
  /** Whether newer files can exist and are wanted. */
  readonly isWanted: () => boolean
  readonly signal: AbortSignal
  /** Called if the stream has sent nothing for a while, although a newer file exists: it is at the end of its own. */
  readonly onStuck: () => void
}

/** Received bytes after which it looks again. A node rotates files of 10 MiB by default. */
const LOOK_AFTER_BYTES = 262_144
/** Interval of looking. Nodes rotate every 10 s, at most every 3 s. Without more bytes it doubles up to the limit. */
const LOOK_MS = 2000
const LAST_LOOK_MS = 64_000
const STUCK_MS = 5000
/** Files that wait at once. The node keeps each on its disk. */
const MAX_WAITING = 8
/** A line this much later than the next file began is not in the current file. Runtimes write the last lines late. */
const LATE_MS = 2000

interface Waiting extends NewerFile {
  /** Lines after this time are not in the file before. */
  readonly until: string
  readonly end: AbortController
}

export function createNewerFiles (options: NewerFilesOptions): NewerFiles {
  const { client, path, container, position, passed, isWanted, signal, onStuck } = options
  const waiting: Waiting[] = []
  let bytes = 0
  let delayMs = LOOK_MS
  let receivedAtMs = performance.now()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function look (): Promise<void> {
    const wasBusy = bytes >= LOOK_AFTER_BYTES
    bytes = 0
    passed.mark()
    // A look that fails is repeated.
    const isNewer = isWanted() && await find().catch(() => false)
    timer = undefined
    if (closed || !isWanted()) return
    if (isNewer && performance.now() - receivedAtMs > STUCK_MS) onStuck()
    delayMs = wasBusy || waiting.length > 0 ? LOOK_MS : 2 * delayMs
    if (delayMs <= LAST_LOOK_MS) timer = setTimeout(look, delayMs).unref()
  }

  /** Resolves with whether there is a file newer than that of the current stream. */
  async function find (): Promise<boolean> {
    const head = await readHead(client, path, container, signal)
    // It was just created, and the stream is at the end of the file before.
    if (head === undefined) return true
    if (position.file === undefined) position.file = head.times[0]
    if (isKnown(head)) return waiting.length > 0
    if (hasPassed(head)) return false
    const held = waiting.length < MAX_WAITING ? await hold(head) : notHeld(head)
    if (held === undefined) return waiting.length > 0
    if (closed || isKnown(held.head) || hasPassed(held.head)) {
      held.end.abort()
      return waiting.length > 0
    }
    waiting.push(held)
    return true
  }

  function isKnown ({ times }: FileHead): boolean {
    return [position.file, ...waiting.map(({ head }) => head.times[0])].includes(times[0])
  }

  /** Whether the current stream has already gone on to the file. */
  function hasPassed ({ times }: FileHead): boolean {
    if (!passed.hasOneOf(times)) return false
    position.file = times[0]
    return true
  }

  /** Opens the newest file. `expected` is its head unless the node has rotated the log again. */
  async function hold (expected: FileHead): Promise<Waiting | undefined> {
    const end = new AbortController()
    const query = { container, timestamps: true, follow: true }
    const chunks = client.open('stream', { path, query, signal: AbortSignal.any([signal, end.signal]) })
    const first: Uint8Array[] = []
    let own: FileHead | undefined
    while (own === undefined) {
      const { value, done } = await chunks.next()
      if (done === true) return undefined
      first.push(Uint8Array.from(value))
      own = headOf(Buffer.concat(first))
    }
    return {
      ...notHeld(own.times[0] === expected.times[0] ? expected : own),
      end,
      async * open (reading) {
        reading.addEventListener('abort', () => end.abort(reading.reason))
        yield * first
        yield * chunks
      }
    }
  }

  return {
    received (count) {
      bytes += count
      receivedAtMs = performance.now()
      if (bytes < LOOK_AFTER_BYTES || (timer !== undefined && delayMs === LOOK_MS)) return
      clearTimeout(timer)
      delayMs = LOOK_MS
      timer = setTimeout(look, delayMs).unref()
    },
    get isWaiting () { return waiting.length > 0 },
    placeOf (time) {
      const next = waiting[0]
      if (next === undefined) return 'here'
      if (!next.head.times.includes(time)) return isBefore(next.until, time) ? 'beyond' : 'here'
      waiting.shift()
      next.end.abort()
      position.file = next.head.times[0]
      return 'next'
    },
    async joinedBytes (time) {
      const heads = [...waiting.map(({ head }) => head), await readHead(client, path, container, signal)]
      const head = heads.find(head => head?.times.includes(time) === true)
      // The first line has no time of its own if the stream was in the middle of a line.
      return head !== undefined && head.times[0] !== time ? head.firstLength : 0
    },
    shift: () => waiting.shift(),
    close () {
      closed = true
      clearTimeout(timer)
      for (const { end } of waiting) end.abort()
    }
  }
}

function notHeld (head: FileHead): Waiting {
  const first = head.times[0]!
  // With nine digits of a second, as nodes write it, so that it can be compared as a string.
  const until = new Date(Date.parse(first.replace(/\.\d+/, '')) + LATE_MS).toISOString().replace('Z', '000000Z')
  return { head, until, end: new AbortController() }
}
