// Reads what a container wrote, line by line, each once, over cut connections and restarts of the API server.

import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { withIdleTimeout } from '../client/idle-timeout.ts'
import { createLogParser, type LogLine } from './log-parser.ts'
import type { LogPosition } from './log-position.ts'

export interface PodLogRequest {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Where to go on; moved along with what is given, before it is given. */
  readonly position: LogPosition
  /**
   * Called with the program's bytes as they come; they are there only until it returns. What it throws ends the
   * reading.
   */
  readonly take: (bytes: Uint8Array) => void
  /** Go on until the container has ended and all of its lines were given. */
  readonly follow: boolean
  /** Whether the container runs now, as far as the caller knows. A follow that ends while it does is opened again. */
  readonly running: () => boolean
  /** Resolves when the container is said not to run any more, or after so many milliseconds. */
  readonly ended: (ms: number) => Promise<unknown>
  /** Ends the reading without an error. */
  readonly signal: AbortSignal
  readonly metrics: PodLogMetrics
  /**
   * Milliseconds after which a follow that gives nothing is opened anew, in case it is dead; 300,000 when it is left
   * out.
   */
  readonly silenceMs?: number
}

/** What is counted; the launcher's metrics stand behind it. */
export interface PodLogMetrics {
  /** A follow had to be opened again. */
  reopened (): void
  /** Lines that were the kubelet's own and not the program's. */
  foreignLines (lines: number): void
}

const SILENCE_MS = 300_000
/** A follow mostly ends because the container did: the news of it makes the next reading the last. */
const NEWS_MS = 1000
const FIRST_WAIT_MS = 100
const MOST_WAIT_MS = 2000
/** Tries of the last, bounded reading, in which nobody waits for the container any more. */
const MOST_TRIES = 8

/**
 * Resolves when all was taken. Rejects with KubeApiError when the pod or the right to read it is gone, or when a
 * bounded reading keeps failing (then NoAnswerError too).
 */
export async function readPodLog (client: KubeClient, request: PodLogRequest): Promise<void> {
  const { follow, running, signal, metrics } = request
  let failures = 0
  let gave = false
  let taken = true
  const take = (bytes: Uint8Array): void => {
    gave = true
    taken = false
    request.take(bytes)
    taken = true
  }
  while (!signal.aborted) {
    const followed = follow && running()
    gave = false
    try {
      await read(client, { ...request, take, follow: followed })
      // A reading that does not follow has everything there is.
      if (!followed) return
      failures = gave ? 0 : failures + 1
      if (running()) await request.ended(NEWS_MS)
    } catch (error) {
      // The position is ahead of what was taken.
      if (!taken) throw error
      if (signal.aborted) return
      const quiet = error instanceof NoAnswerError && error.reason === 'silence'
      failures = gave || quiet ? 0 : failures + 1
      if (isFinal(error) || (!followed && failures >= MOST_TRIES)) throw error
    }
    if (running()) metrics.reopened()
    if (failures > 0) {
      await delay(backoffMs(failures, FIRST_WAIT_MS, MOST_WAIT_MS), undefined, { signal }).catch(() => {})
    }
  }
}

async function read (
  client: KubeClient,
  { namespace, pod, container, position, follow, signal, metrics, take, silenceMs = SILENCE_MS }: PodLogRequest
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`
  const query = { container, timestamps: true, follow, sinceTime: position.since() }
  const parser = createLogParser()

  /** Takes what is new of the lines that `give` gives, put together at the start of their buffer. */
  function takeFresh (give: (take: (line: LogLine) => void) => void): void {
    let buffer: Buffer | undefined
    let length = 0
    give(line => {
      if (!position.take(line)) return
      buffer = line.bytes
      buffer.copyWithin(length, line.start, line.end)
      length += line.end - line.start
    })
    if (buffer !== undefined && length > 0) take(buffer.subarray(0, length))
  }

  position.begin()
  try {
    for await (const chunk of withIdleTimeout(
      signal => client.open('stream', { path, query, signal }),
      silenceMs,
      signal,
      `GET ${path}`
    )) {
      takeFresh(take => parser.push(chunk, take))
    }
    takeFresh(parser.end)
  } finally {
    if (parser.foreign > 0) metrics.foreignLines(parser.foreign)
  }
}

/** Asking again cannot help. A container that has not started yet (400) is worth asking for again. */
function isFinal (error: unknown): boolean {
  return isNotFound(error) || isForbidden(error) || (error instanceof KubeApiError && error.status === 401)
}
