// The client of an API server: calls with a deadline and retries, and long-lived streams.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import PQueue from 'p-queue'
import type { Dispatcher } from 'undici'
import { KubeApiError } from './errors.ts'
import type { Credentials } from './credentials.ts'
import { nextAttempt } from './retry.ts'
import { openStream, type Stream } from './open-stream.ts'
import { refreshedAccess } from './refreshed-access.ts'
import { createSender, type Call } from './send.ts'
import { noAnswer } from './transport-error.ts'

export type { Call, Query } from './send.ts'

/** Counters, backed by the launcher's metrics. */
export interface ClientMetrics {
  /** The server replied 429. */
  throttled (): void
}

export interface KubeClient {
  /**
   * Makes a call, retries it if that is safe, and resolves with the JSON of the reply. Rejects with KubeApiError (the
   * server's error reply) or NoAnswerError (no reply came). For both, `isOutcomeUnknown` returns whether the request
   * may have been carried out.
   */
  call<T = unknown>(call: Call): Promise<T>
  /**
   * Opens a long-lived reply and yields its bytes as they arrive. First it yields an empty chunk, when the server has
   * answered. Does not retry: the caller decides when to open it again.
   */
  open (kind: 'watch' | 'stream', stream: Stream): AsyncGenerator<Uint8Array, void, undefined>
  /**
   * The API server's time in milliseconds since 1970, accurate to about a second: from the last `Date` header, or
   * from this machine's clock before the first one.
   */
  now (): number
  /** Aborts every call and stream in progress. */
  close (): Promise<void>
}

export interface ClientOptions {
  /**
   * At most so many writes in any second, in the order of their calls; undefined: no limit. Reads do not wait. The
   * deadline of a call begins when it is its turn.
   */
  readonly writesPerSecond?: number | undefined
}

/** The part of the client that makes single calls. */
export type Calls = Pick<KubeClient, 'call'>

const DEADLINE_MS = 30_000

export function createKubeClient (
  credentials: Credentials,
  log: Logger,
  metrics: ClientMetrics,
  { writesPerSecond }: ClientOptions = {}
): KubeClient {
  const closing = new AbortController()
  const sender = createSender(() => metrics.throttled())
  const writes = writesPerSecond === undefined
    ? undefined
    : new PQueue({ interval: 1000, intervalCap: writesPerSecond, strict: true })

  async function callNow (call: Call): Promise<unknown> {
    const endAt = performance.now() + (call.deadlineMs ?? DEADLINE_MS)
    const requestName = `${call.method} ${call.path}`
    const callerSignal = call.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, call.signal])
    let access = await credentials.access()
    let refreshed = false
    for (let attempts = 1; ; attempts++) {
      const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(endAt - performance.now())))
      try {
        return await readJson(await sender.send('call', access, call, AbortSignal.any([deadline, callerSignal])), call)
      } catch (cause) {
        callerSignal.throwIfAborted()
        const error =
          cause instanceof KubeApiError ? cause : noAnswer(cause, access, requestName, deadline.aborted)
        const nextStep = nextAttempt(error, call.method, attempts, refreshed)
        if (nextStep === 'stop') throw error
        if (nextStep === 'refresh') {
          refreshed = true
          access = await refreshedAccess(credentials, access)
          continue
        }
        if (call.noRetry || performance.now() + nextStep.inMs >= endAt) throw error
        log.debug({ err: error, inMs: nextStep.inMs }, 'API call failed, will retry')
        await delay(nextStep.inMs, undefined, { signal: callerSignal })
        access = await credentials.access()
      }
    }
  }

  return {
    call: (call => (
      writes === undefined || call.method === 'GET' ? callNow(call) : writes.add(() => callNow(call))
    )) as KubeClient['call'],
    open: (kind, stream) =>
      openStream(kind, { ...stream, signal: AbortSignal.any([closing.signal, stream.signal]) }, sender, credentials),
    now: sender.now,
    async close () {
      closing.abort()
      await sender.destroy()
    }
  }
}

async function readJson (reply: Dispatcher.ResponseData, call: Call): Promise<unknown> {
  const text = await reply.body.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new KubeApiError(
      `${call.method} ${call.path}`,
      reply.statusCode,
      'NotJson',
      'the reply is not JSON; does the address belong to an API server?'
    )
  }
}
