// Sends single requests to the API server, over connections that fit its certificates, and keeps its clock.

import { isDeepStrictEqual } from 'node:util'
import { request, type Dispatcher } from 'undici'
import type { Access } from './access.ts'
import { createConnections, type Connections } from './connections.ts'
import { replyError } from './error-response.ts'

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

/** What a request is for: the connections differ. */
type RequestKind = keyof Connections & ('call' | 'watch' | 'stream')

export interface Sender {
  /**
   * One attempt. Resolves with a reply of status 2xx. The caller must read its body. Rejects with KubeApiError for any
   * other status, and with the error of the transport if there is no reply.
   */
  send (
    kind: RequestKind,
    access: Access,
    call: Omit<Call, 'deadlineMs'>,
    signal: AbortSignal
  ): Promise<Dispatcher.ResponseData>
  /** See `KubeClient.now`. */
  now (): number
  /** Closes the connections at once. */
  destroy (): Promise<void>
}

/** `onThrottled` is called for each reply 429. */
export function createSender (onThrottled: () => void): Sender {
  /** Added to this process's monotonic time, gives the server's time. */
  let clockOffset = Date.now() - performance.now()
  let current: { access: Access, dispatchers: Connections } | undefined

  /** The connections for this access. They are replaced if a certificate or the proxy has changed. */
  function dispatchersFor (access: Access): Connections {
    if (current === undefined || !haveSameConnections(current.access, access)) {
      current?.dispatchers.retire()
      current = { access, dispatchers: createConnections(access) }
    }
    current.access = access
    return current.dispatchers
  }

  return {
    async send (kind, access, call, signal) {
      const reply = await request(`${access.server}${call.path}${queryString(call.query)}`, {
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
      if (reply.statusCode === 429) onThrottled()
      throw replyError(
        `${call.method} ${call.path}`,
        reply.statusCode,
        await reply.body.text(),
        Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        Date.now()
      )
    },
    now: () => performance.now() + clockOffset,
    destroy: async () => { await current?.dispatchers.destroy() }
  }
}

function haveSameConnections (one: Access, other: Access): boolean {
  return one === other || isDeepStrictEqual([one.tls, one.proxy], [other.tls, other.proxy])
}

function queryString (query: Query = {}): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const]
  )
  return entries.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(entries))}`
}
