// Watches one kind of object: one request, whose events are yielded as they arrive.

import { KubeApiError } from './errors.ts'
import { parseObject } from '../../../launcher/lib/parse-json.ts'
import { eventError } from './error-response.ts'
import type { KubeClient, Query } from './client.ts'
import { linesOf } from './lines.ts'
import { withIdleTimeout } from './idle-timeout.ts'

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] satisfies Array<
  WatchEvent['type']
>)

/** The part that all objects have. */
export interface KubeObject {
  readonly metadata?: {
    readonly uid?: string
    readonly name?: string
    readonly resourceVersion?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

export interface WatchEvent {
  /** A BOOKMARK carries only the resource version to continue from. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

export interface Watch {
  readonly path: string
  readonly query: Query
  /** Resource version after which events are sent. */
  readonly resourceVersion: string
  /** Seconds after which the server ends the watch. */
  readonly seconds: number
  /** Milliseconds without a byte after which the connection counts as dead. Bookmarks come about once a minute. */
  readonly idleTimeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Yields the events of one watch, in batches as they arrived, and returns when the server ends it. An empty batch
 * shows that the server sent something; the first one comes when the watch is established. Throws KubeApiError
 * (`isGone`: the version is too old, list again), NoAnswerError (reason `silence`: idle for too long) or, if the signal
 * aborts, its reason.
 */
export async function * watch (
  client: KubeClient,
  { path, query, resourceVersion, seconds, idleTimeoutMs, signal }: Watch
): AsyncGenerator<WatchEvent[], void, undefined> {
  const requestName = `GET ${path} (watch)`
  const watchQuery = { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds: seconds }
  const chunks = withIdleTimeout(
    signal => client.open('watch', { path, query: watchQuery, signal }),
    idleTimeoutMs,
    signal,
    requestName
  )
  for await (const lines of linesOf(chunks)) yield lines.map(line => eventOf(line, requestName))
}

function eventOf (line: Buffer, requestName: string): WatchEvent {
  const event = parseObject(line.toString('utf8')) as { type?: unknown, object?: unknown } | undefined
  if (event?.type === 'ERROR') throw eventError(requestName, event.object)
  if (!TYPES.has(event?.type) || !isObject(event?.object)) {
    throw new KubeApiError(requestName, 200, 'NotAnEvent', 'a line of the watch is not an event')
  }
  return event as WatchEvent
}

function isObject (value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
