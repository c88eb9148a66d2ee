// The client of an API server: calls with a deadline and retries, and long-lived streams.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { request as send, type Dispatcher } from 'undici'
import { KubeApiError, NoAnswerError } from './errors.ts'
import { replyError } from './error-response.ts'
import type { Credentials } from './credentials.ts'
import { createConnections, type Connections } from './connections.ts'
import { nextAttempt } from './retry.ts'
import { noAnswer } from './transport-error.ts'
import type { Access } from './access.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /**
   * Path on the server, such as /api/v1/namespaces/rstudio/pods. The caller encodes the parts that come from outside.
   */
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  /** Defaults to application/json. A PATCH must specify its kind of patch. */
  readonly contentType?: string
  /** Media type of the reply. Defaults to application/json. */
  readonly accept?: string
  /** Milliseconds for the whole call, retries included. Defaults to 30,000. */
  readonly deadlineMs?: number
  /** Do not retry, except once with refreshed credentials: the caller has its own way to continue. */
  readonly noRetry?: boolean
  readonly signal?: AbortSignal
}

export interface Stream {
  readonly path: string
  readonly query?: Query
  readonly signal: AbortSignal
}

/** Counters, backed by the launcher's metrics. */
export interface ClientMetrics {
  /** The server replied 429. */
  throttled (): void
}

export interface KubeClient {
  /** Address of the API server, for messages. */
  server (): Promise<string>
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

const DEADLINE_MS = 30_000

export function createKubeClient (credentials: Credentials, log: Logger, metrics: ClientMetrics): KubeClient {
  const closing = new AbortController()
  /** Added to this process's monotonic time, gives the server's time. */
  let clockOffset = Date.now() - performance.now()
  let current: { tls: string, dispatchers: Connections } | undefined

  /** The connections for this access. They are replaced if a certificate has changed. */
  function dispatchersFor ({ tls }: Access): Connections {
    const key = JSON.stringify(tls)
    if (current?.tls !== key) {
      current?.dispatchers.retire()
      current = { tls: key, dispatchers: createConnections(tls) }
    }
    return current.dispatchers
  }

  /** No new credentials, as while a file is replaced, is a transient failure and not an error of the caller. */
  async function refreshedAccess (refused: Access): Promise<Access> {
    try {
      return await credentials.refresh(refused)
    } catch (cause) {
      throw new NoAnswerError(
        `The API server ${refused.server} rejected the credentials, and no others are available: ` +
        `${(cause as Error).message}`,
        'credentials',
        false,
        { cause }
      )
    }
  }

  /** One attempt. Resolves with a reply of status 2xx. The caller must read its body. */
  async function attempt (
    kind: keyof Connections & ('call' | 'watch' | 'stream'),
    access: Access,
    call: Omit<Call, 'deadlineMs'>,
    signal: AbortSignal
  ): Promise<Dispatcher.ResponseData> {
    const reply = await send(`${access.server}${call.path}${queryString(call.query)}`, {
      method: call.method,
      headers: {
        accept: call.accept ?? 'application/json',
        'user-agent': 'job-launcher',
        ...access.headers,
        ...(call.body !== undefined && { 'content-type': call.contentType ?? 'application/json' })
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      dispatcher: dispatchersFor(access)[kind],
      signal
    })
    const serverTime = Date.parse(String(reply.headers.date))
    if (!Number.isNaN(serverTime)) clockOffset = serverTime - performance.now()
    if (reply.statusCode >= 200 && reply.statusCode < 300) return reply
    const { 'retry-after': retryAfter } = reply.headers
    if (reply.statusCode === 429) metrics.throttled()
    throw replyError(
      `${call.method} ${call.path}`,
      reply.statusCode,
      await reply.body.text(),
      Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      Date.now()
    )
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

  async function call (call: Call): Promise<unknown> {
    const endAt = performance.now() + (call.deadlineMs ?? DEADLINE_MS)
    const requestName = `${call.method} ${call.path}`
    const callerSignal = call.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, call.signal])
    let access = await credentials.access()
    let refreshed = false
    for (let attempts = 1; ; attempts++) {
      const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(endAt - performance.now())))
      try {
        return await readJson(await attempt('call', access, call, AbortSignal.any([deadline, callerSignal])), call)
      } catch (cause) {
        callerSignal.throwIfAborted()
        const error =
          cause instanceof KubeApiError ? cause : noAnswer(cause, access.server, requestName, deadline.aborted)
        const nextStep = nextAttempt(error, call.method, attempts, refreshed)
        if (nextStep === 'stop') throw error
        if (nextStep === 'refresh') {
          refreshed = true
          access = await refreshedAccess(access)
          continue
        }
        if (call.noRetry || performance.now() + nextStep.inMs >= endAt) throw error
        log.debug({ err: error, inMs: nextStep.inMs }, 'API call failed, will retry')
        await delay(nextStep.inMs, undefined, { signal: callerSignal })
        access = await credentials.access()
      }
    }
  }

  /** Opens a long-lived reply. Refreshes the credentials once if the server rejects them. */
  async function openReply (
    kind: 'watch' | 'stream',
    stream: Stream,
    access: Access,
    signal: AbortSignal
  ): Promise<Dispatcher.ResponseData> {
    const get = { method: 'GET', path: stream.path, query: stream.query ?? {} } as const
    try {
      return await attempt(kind, access, get, signal)
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 401)) throw error
      return await attempt(kind, await refreshedAccess(access), get, signal)
    }
  }

  async function * open (kind: 'watch' | 'stream', stream: Stream): AsyncGenerator<Uint8Array, void, undefined> {
    const signal = AbortSignal.any([closing.signal, stream.signal])
    const access = await credentials.access()
    try {
      const { body } = await openReply(kind, stream, access, signal)
      yield new Uint8Array(0)
      yield * body as AsyncIterable<Uint8Array>
    } catch (error) {
      if (error instanceof KubeApiError || error instanceof NoAnswerError) throw error
      signal.throwIfAborted()
      throw noAnswer(error, access.server, `GET ${stream.path}`, false)
    }
  }

  return {
    server: async () => (await credentials.access()).server,
    call: call as KubeClient['call'],
    open,
    now: () => performance.now() + clockOffset,
    async close () {
      closing.abort()
      await current?.dispatchers.destroy()
    }
  }
}

function queryString (query: Query = {}): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const]
  )
  return entries.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(entries))}`
}
