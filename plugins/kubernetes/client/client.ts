// Talks to an API server: calls with a deadline and retries, and streams that last.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { request as send, type Dispatcher } from 'undici'
import { KubeApiError, NoAnswerError } from './errors.ts'
import { replyError } from './error-response.ts'
import type { Credentials } from './credentials.ts'
import { createConnections, type Connections } from './connections.ts'
import { nextTry } from './retry.ts'
import { noAnswer } from './transport-error.ts'
import type { Access } from './access.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path on the server, such as /api/v1/namespaces/rstudio/pods; parts that come from outside already encoded. */
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  /** application/json when it is left out; a PATCH has to say which kind of patch it is. */
  readonly contentType?: string
  /** The form of the reply; application/json when it is left out. */
  readonly accept?: string
  /** Milliseconds for the whole call with its retries; 30,000 when it is left out. */
  readonly deadlineMs?: number
  /** One try, after one look at new credentials: the caller has his own way to go on. */
  readonly once?: boolean
  readonly signal?: AbortSignal
}

export interface Stream {
  readonly path: string
  readonly query?: Query
  readonly signal: AbortSignal
}

/** What is counted; the launcher's metrics stand behind it. */
export interface ClientMetrics {
  /** The server asked us to slow down. */
  throttled (): void
}

export interface KubeClient {
  /** Address of the API server, for messages. */
  server (): Promise<string>
  /**
   * Makes a call, again where that is safe, and resolves with the JSON of the reply. Rejects with KubeApiError (what
   * the server said) or NoAnswerError (it said nothing); `isOutcomeUnknown` tells of either whether it may have been
   * done.
   */
  call<T = unknown>(call: Call): Promise<T>
  /**
   * Opens a reply that lasts and gives its bytes as they come, first an empty piece: the server has answered. One try:
   * whoever reads decides when to open it again.
   */
  open (kind: 'watch' | 'stream', stream: Stream): AsyncGenerator<Uint8Array, void, undefined>
  /**
   * The API server's time in milliseconds since 1970, to about a second: as it told it last, or this machine's before
   * it did.
   */
  now (): number
  /** Cuts everything that is under way. */
  close (): Promise<void>
}

const DEADLINE_MS = 30_000

export function createKubeClient (credentials: Credentials, log: Logger, metrics: ClientMetrics): KubeClient {
  const closing = new AbortController()
  /** What turns this process's steady time into the server's. */
  let clockOffset = Date.now() - performance.now()
  let current: { tls: string, dispatchers: Connections } | undefined

  /** The connections for this access: new ones when a certificate changed. */
  function dispatchersFor ({ tls }: Access): Connections {
    const key = JSON.stringify(tls)
    if (current?.tls !== key) {
      current?.dispatchers.retire()
      current = { tls: key, dispatchers: createConnections(tls) }
    }
    return current.dispatchers
  }

  /** That there are no new ones now, as while a file is replaced, is passing trouble, not a fault of whoever called. */
  async function refreshedAccess (refused: Access): Promise<Access> {
    try {
      return await credentials.refresh(refused)
    } catch (cause) {
      throw new NoAnswerError(
        `The API server ${refused.server} refused the credentials, and there are no others: ` +
        `${(cause as Error).message}`,
        'credentials',
        false,
        { cause }
      )
    }
  }

  /** One try. Resolves with a reply of status 2xx whose body has to be read. */
  async function attempt (
    kind: keyof Connections & ('call' | 'watch' | 'stream'),
    access: Access,
    call: Omit<Call, 'deadlineMs'>,
    signal: AbortSignal
  ): Promise<Dispatcher.ResponseData> {
    const reply = await send(`${access.server}${call.path}${search(call.query)}`, {
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

  async function json (reply: Dispatcher.ResponseData, call: Call): Promise<unknown> {
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
    const end = performance.now() + (call.deadlineMs ?? DEADLINE_MS)
    const what = `${call.method} ${call.path}`
    const outside = call.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, call.signal])
    let access = await credentials.access()
    let refreshed = false
    for (let tries = 1; ; tries++) {
      const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(end - performance.now())))
      try {
        return await json(await attempt('call', access, call, AbortSignal.any([deadline, outside])), call)
      } catch (cause) {
        outside.throwIfAborted()
        const error = cause instanceof KubeApiError ? cause : noAnswer(cause, access.server, what, deadline.aborted)
        const next = nextTry(error, call.method, tries, refreshed)
        if (next === 'stop') throw error
        if (next === 'refresh') {
          refreshed = true
          access = await refreshedAccess(access)
          continue
        }
        if (call.once || performance.now() + next.inMs >= end) throw error
        log.debug({ err: error, inMs: next.inMs }, 'a call to the API server is made again')
        await delay(next.inMs, undefined, { signal: outside })
        access = await credentials.access()
      }
    }
  }

  /** A reply that lasts, after one look at new credentials when the server refused the old. */
  async function opened (
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
      const { body } = await opened(kind, stream, access, signal)
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

function search (query: Query = {}): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const]
  )
  return entries.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(entries))}`
}
