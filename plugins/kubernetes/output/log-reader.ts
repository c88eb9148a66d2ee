// Reads the log of a container, each line once, across cut connections and restarts of the API server.

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
  /** Where to continue. It advances with each line, before `take` is called. */
  readonly position: LogPosition
  /**
   * Called with the program's bytes as they arrive. They are valid only until it returns. An error that it throws ends
   * the read.
   */
  readonly take: (bytes: Uint8Array) => void
  /** Called each time the server has answered a request for the log. */
  readonly onOpen?: () => void
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
/** Attempts of a read without following. */
const MAX_ATTEMPTS = 8

/**
 * Resolves when the whole log was read. Rejects with KubeApiError if the pod or the right to read it is gone, and with
 * KubeApiError or NoAnswerError if a read without following keeps failing.
 */
export async function readPodLog (client: KubeClient, request: PodLogRequest): Promise<void> {
  const { follow, running, signal, metrics } = request
  let failures = 0
  let hasNewOutput = false
  let stored = true
  const take = (bytes: Uint8Array): void => {
    hasNewOutput = true
    stored = false
    request.take(bytes)
    stored = true
  }
  while (!signal.aborted) {
    const followed = follow && running()
    hasNewOutput = false
    try {
      await read(client, { ...request, take, follow: followed })
      // A read without following returns the whole log.
      if (!followed) return
      failures = hasNewOutput ? 0 : failures + 1
      if (running()) await request.ended(END_EVENT_MS)
    } catch (error) {
      // `take` failed, so the position is ahead of what it stored.
      if (!stored) throw error
      if (signal.aborted) return
      const isIdle = error instanceof NoAnswerError && error.reason === 'silence'
      failures = hasNewOutput || isIdle ? 0 : failures + 1
      if (isFinal(error) || (!followed && failures >= MAX_ATTEMPTS)) throw error
    }
    if (running()) metrics.reopened()
    if (failures > 0) {
      await delay(backoffMs(failures, FIRST_DELAY_MS, MAX_DELAY_MS), undefined, { signal }).catch(() => {})
    }
  }
}

async function read (
  client: KubeClient,
  request: PodLogRequest
): Promise<void> {
  const { namespace, pod, container, position, follow, signal, metrics, take } = request
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`
  const query = { container, timestamps: true, follow, sinceTime: position.since() }
  const parser = createLogParser()
  let opened = false

  /** Passes the new parts of the lines from `parse` to `take`, joined at the start of their buffer. */
  function takeNew (parse: (take: (line: LogLine) => void) => void): void {
    let buffer: Buffer | undefined
    let length = 0
    parse(line => {
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
      request.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
      signal,
      `GET ${path}`
    )) {
      if (!opened) request.onOpen?.()
      opened = true
      takeNew(take => parser.push(chunk, take))
    }
    takeNew(parser.end)
  } finally {
    if (parser.foreign > 0) metrics.foreignLines(parser.foreign)
  }
}

/** A retry cannot help. A container that has not started yet (400) is retried. */
function isFinal (error: unknown): boolean {
  return isNotFound(error) || isForbidden(error) || (error instanceof KubeApiError && error.status === 401)
}
