// Reads what a container wrote, line by line, each once, over cut connections and restarts of the API server.

import { setTimeout as delay } from 'node:timers/promises'
import { fullJitterMs } from '../../launcher/lib/full-jitter.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound } from './client/api-error.ts'
import type { KubeClient } from './client/client.ts'
import { withoutSilence } from './client/silence.ts'
import { logParser, type LogLine } from './log-lines.ts'
import type { LogPosition } from './log-position.ts'

export interface PodLogRequest {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Where to go on; moved along with what is given, before it is given. */
  readonly position: LogPosition
  /** Go on until the container has ended and all of its lines were given. */
  readonly follow: boolean
  /** Whether the container runs now, as far as the caller knows. A follow that ends while it does is opened again. */
  readonly running: () => boolean
  /** Ends the reading without an error. */
  readonly signal: AbortSignal
  readonly metrics: PodLogMetrics
  /** Milliseconds after which a follow that gives nothing is opened anew, in case it is dead; 300,000 when it is left out. */
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
const FIRST_WAIT_MS = 100
const MOST_WAIT_MS = 2000
/** Tries of the last, bounded reading, in which nobody waits for the container any more. */
const MOST_TRIES = 8

/**
 * Gives the lines that came together at once. Throws KubeApiError when the pod or the right to read it is gone, or when
 * a bounded reading keeps failing (then NoAnswerError too).
 */
export async function * podLog (client: KubeClient, request: PodLogRequest): AsyncGenerator<LogLine[], void, undefined> {
  const { follow, running, signal, metrics } = request
  let failures = 0
  while (!signal.aborted) {
    const followed = follow && running()
    let gave = false
    try {
      for await (const lines of reading(client, request, followed)) {
        gave = true
        yield lines
      }
      // A reading that does not follow has everything there is.
      if (!followed) return
      failures = gave ? 0 : failures + 1
    } catch (error) {
      if (signal.aborted) return
      const quiet = error instanceof NoAnswerError && error.reason === 'silence'
      failures = gave || quiet ? 0 : failures + 1
      if (isFinal(error) || (!followed && failures >= MOST_TRIES)) throw error
    }
    if (running()) metrics.reopened()
    if (failures > 0) await delay(fullJitterMs(failures, FIRST_WAIT_MS, MOST_WAIT_MS), undefined, { signal }).catch(() => {})
  }
}

async function * reading (client: KubeClient, { namespace, pod, container, position, signal, metrics, silenceMs = SILENCE_MS }: PodLogRequest, follow: boolean): AsyncGenerator<LogLine[], void, undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`
  const query = { container, timestamps: true, follow, sinceTime: position.since() }
  const parser = logParser()
  const fresh = (lines: LogLine[]): LogLine[] => lines.flatMap(line => position.take(line) ?? [])
  position.begin()
  try {
    for await (const chunk of withoutSilence(signal => client.open('stream', { path, query, signal }), silenceMs, signal, `GET ${path}`)) {
      const lines = fresh(parser.push(chunk))
      if (lines.length > 0) yield lines
    }
    const rest = fresh(parser.end())
    if (rest.length > 0) yield rest
  } finally {
    if (parser.foreign > 0) metrics.foreignLines(parser.foreign)
  }
}

/** Asking again cannot help. A container that has not started yet (400) is worth asking for again. */
function isFinal (error: unknown): boolean {
  return isNotFound(error) || isForbidden(error) || (error instanceof KubeApiError && error.status === 401)
}
