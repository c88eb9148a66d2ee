// Reads the log of a container, each line once, across cut connections and restarts of the API server.

import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { withIdleTimeout } from '../client/idle-timeout.ts'
import { headOf, readHead, type FileHead } from './file-head.ts'
import type { LogPosition } from './log-position.ts'
import { lookAtStart } from './log-start.ts'
import { takeStream, type StreamEnd } from './log-stream.ts'
import { createNewerFiles } from './newer-files.ts'
import { createPassedTimes } from './passed-times.ts'
import { isLost } from './read-backoff.ts'

export interface PodLogRequest {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Where to continue. It advances with each line, before `take` is called. */
  readonly position: LogPosition
  /**
   * Called with the program's bytes as they arrive. They are valid only until it returns. An error that it throws ends
   * the read.
   */
  readonly take: (bytes: Uint8Array) => void
  /** Called each time the server has answered a request for the log. */
  readonly onOpen?: () => void
  /** Called if a file of the log is missing that was not read to its end. */
  readonly onGap?: () => void
  /** Called if a file may be missing at the start of the log. */
  readonly onStartMissing?: () => void
  /** When the program started, in milliseconds since 1970, if it is known. */
  readonly startedAt?: () => number | undefined
  /** Continue until the container has terminated and all of its lines were read. */
  readonly follow: boolean
  /** Whether the container is running according to the caller. A follow that ends while it runs is reopened. */
  readonly running: () => boolean
  /** Resolves when the container is reported to have terminated, or after `ms` milliseconds. */
  readonly ended: (ms: number) => Promise<unknown>
  /** Ends the read without an error. */
  readonly signal: AbortSignal
  readonly metrics: PodLogMetrics
  /** Milliseconds without data after which a follow is reopened, in case it is dead. Defaults to 300,000. */
  readonly idleTimeoutMs?: number
}

/** Counters, backed by the launcher's metrics. */
export interface PodLogMetrics {
  /** A follow was reopened. */
  reopened (): void
  /** Lines that the kubelet wrote, not the program. */
  foreignLines (lines: number): void
}

const IDLE_TIMEOUT_MS = 300_000
/**
 * A follow usually ends because the container terminated: wait this long for that event, which makes the next read the
 * last.
 */
const END_EVENT_MS = 1000
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 2000
/** Instead of the time of its first line, for a file without lines. */
const EMPTY = ''
/** Attempts of a read without following. */
const MAX_ATTEMPTS = 8

/**
 * Resolves when the whole log was read. Rejects with KubeApiError if the pod or the right to read it is gone, and with
 * KubeApiError or NoAnswerError if a read without following keeps failing.
 */
export async function readPodLog (client: KubeClient, request: PodLogRequest): Promise<void> {
  const { namespace, pod, container, position, follow, running, signal, metrics } = request
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`
  const passed = createPassedTimes()
  let leave = new AbortController()
  const newer = createNewerFiles({
    client,
    path,
    container,
    position,
    passed,
    isWanted: () => follow && running(),
    onStuck: () => leave.abort(),
    signal
  })
  let failures = 0
  /** The file of the position was read to its end, so the log goes on at the start of the next file. */
  let isWhole = false
  let hasNewOutput = false
  let stored = true
  const take = (bytes: Uint8Array): void => {
    hasNewOutput = true
    stored = false
    request.take(bytes)
    stored = true
  }

  /** Goes to the start of another file, whose first line has this time. */
  function enter (file: string | undefined): void {
    if (!isWhole) request.onGap?.()
    isWhole = false
    position.enter(file === EMPTY ? undefined : file)
  }

  /** Takes a stream. It is also left if the newer files show that it is at the end of its own. */
  async function takeFrom (
    followed: boolean, open: (signal: AbortSignal) => AsyncIterable<Uint8Array>
  ): Promise<StreamEnd> {
    const idleMs = request.idleTimeoutMs ?? IDLE_TIMEOUT_MS
    leave = new AbortController()
    const { signal: left } = leave
    async function * untilLeft (): AsyncGenerator<Uint8Array> {
      try {
        yield * withIdleTimeout(open, idleMs, AbortSignal.any([signal, left]), `GET ${path}`)
      } catch (error) {
        if (!left.aborted) throw error
      }
    }
    const { foreignLines } = metrics
    const end = await takeStream(untilLeft(), { followed, position, passed, newer, take, foreignLines })
    return { ...end, isLeft: end.isLeft || left.aborted }
  }

  /** Reads the newest file from the position. `isOther`: the position is now at the start of another file. */
  async function readNewest (followed: boolean): Promise<StreamEnd & { isOther: boolean }> {
    const since = position.since()
    const query = { container, timestamps: true, follow: followed, sinceTime: since }
    let isOther = false
    const end = await takeFrom(followed, async function * (signal) {
      const chunks = client.open('stream', { path, query, signal })
      let openedAt = Infinity
      const { first, head } = await firstLineOf(chunks, () => {
        openedAt = client.now()
        request.onOpen?.()
      })
      const file = await fileOf(since, head)
      isOther = position.file !== undefined && file !== undefined && file !== position.file
      if (isOther) return enter(file)
      const isFirst = position.file === undefined && since === undefined && file !== undefined
      position.file = file ?? position.file
      position.begin()
      yield * first
      if (!isFirst) return yield * chunks
      const start = { startedAt: request.startedAt?.(), openedAt, firstLineAt: Date.parse(file) }
      yield * lookAtStart(chunks, start, () => request.onStartMissing?.())
    })
    return { isOther, ...end }
  }

  /** Returns the file of a reply that begins with these lines, or undefined if that is not known. */
  async function fileOf (since: string | undefined, head: FileHead | undefined): Promise<string | undefined> {
    if (since === undefined) return head?.times[0]
    if (head !== undefined && position.knows(head.times[0]!)) return position.file
    const newest = await readHead(client, path, container, signal)
    if (newest !== undefined && passed.hasOneOf(newest.times)) return position.file
    if (head !== undefined || newest?.times[0] !== position.file) return newest?.times[0] ?? EMPTY
    throw new NoAnswerError(`The node left out the known lines in GET ${path}.`, 'incomplete', false)
  }

  try {
    while (!signal.aborted) {
      const followed = follow && running()
      const file = newer.shift()
      hasNewOutput = false
      try {
        let end: StreamEnd
        if (file === undefined) {
          const { isOther, ...read } = await readNewest(followed)
          if (isOther) continue
          // A read without following returns the whole file.
          if (!followed) return
          end = read
        } else {
          enter(file.head.times[0])
          position.begin()
          if (file.open === undefined) continue
          end = await takeFrom(true, file.open)
        }
        failures = hasNewOutput ? 0 : failures + 1
        if (!end.isLeft && running()) await request.ended(END_EVENT_MS)
        // If the node fails, the API server ends a follow in the same way as for a container that has terminated.
        isWhole = end.isLeft || (!running() && !end.isCut)
      } catch (error) {
        // `take` failed, so the position is ahead of what it stored.
        if (!stored) throw error
        if (signal.aborted) return
        // All of the log was sent before the follow ended with the container.
        if (isWhole && !running() && isLost(error, 0)) return
        isWhole = isWhole && !hasNewOutput
        const isIdle = error instanceof NoAnswerError && error.reason === 'silence'
        failures = hasNewOutput || isIdle ? 0 : failures + 1
        if (isFinal(error) || (!followed && failures >= MAX_ATTEMPTS)) throw error
      }
      if (running() && !newer.isWaiting) metrics.reopened()
      if (failures > 0 && !newer.isWaiting) {
        await delay(backoffMs(failures, FIRST_DELAY_MS, MAX_DELAY_MS), undefined, { signal }).catch(() => {})
      }
    }
  } finally {
    newer.close()
  }
}

/** Reads until the first line of the program. Calls `onOpen` when the server has answered. */
async function firstLineOf (
  chunks: AsyncIterator<Uint8Array>,
  onOpen: () => void
): Promise<{ first: Uint8Array[], head: FileHead | undefined }> {
  const first: Uint8Array[] = []
  let head: FileHead | undefined
  let opened = false
  while (head === undefined) {
    const { value, done } = await chunks.next()
    if (done === true) break
    if (!opened) onOpen()
    opened = true
    if (value.length > 0) first.push(value)
    head = headOf(Buffer.concat(first))
  }
  return { first, head }
}

/** A retry cannot help. A container that has not started yet (400) is retried. */
function isFinal (error: unknown): boolean {
  return isNotFound(error) || isForbidden(error) || (error instanceof KubeApiError && error.status === 401)
}
