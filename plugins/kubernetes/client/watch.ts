// Watches a kind of object: one request, whose events are given as they come.

import { KubeApiError } from './errors.ts'
import { eventError } from './error-response.ts'
import type { KubeClient, Query } from './client.ts'
import { linesOf } from './lines.ts'
import { withIdleTimeout } from './idle-timeout.ts'

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] satisfies Array<
  WatchEvent['type']
>)

/** A part of an object that every object has. */
export interface KubeObject {
  readonly metadata?: { readonly uid?: string, readonly name?: string, readonly resourceVersion?: string }
}

export interface WatchEvent {
  /** A BOOKMARK carries nothing but the version to go on from. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

export interface Watch {
  readonly path: string
  readonly query: Query
  /** Events after this version. */
  readonly resourceVersion: string
  /** Seconds after which the server ends the watch. */
  readonly seconds: number
  /** Milliseconds without a byte after which the connection counts as dead; bookmarks come about each minute. */
  readonly silenceMs: number
  readonly signal: AbortSignal
}

/**
 * Gives the events of one watch, all that came together at once (none: the server has said something, for the first
 * time when the watch stands), and returns when the server ends it. Throws
 * KubeApiError (`isGone`: the version is too old, list again) or NoAnswerError, whose reason is `silence` when nothing
 * came for too long; the signal's reason when that aborts.
 */
export async function * watch (
  client: KubeClient,
  { path, query, resourceVersion, seconds, silenceMs, signal }: Watch
): AsyncGenerator<WatchEvent[], void, undefined> {
  const what = `GET ${path} (watch)`
  const asked = { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds: seconds }
  const chunks = withIdleTimeout(
    signal => client.open('watch', { path, query: asked, signal }),
    silenceMs,
    signal,
    what
  )
  for await (const lines of linesOf(chunks)) yield lines.map(line => eventOf(line, what))
}

function eventOf (line: Buffer, what: string): WatchEvent {
  const event = parsed(line)
  if (event?.type === 'ERROR') throw eventError(what, event.object)
  if (!TYPES.has(event?.type) || !isObject(event?.object)) {
    throw new KubeApiError(what, 200, 'NotAnEvent', 'a line of the watch is not an event')
  }
  return event as WatchEvent
}

function isObject (value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed (line: Buffer): { type?: unknown, object?: unknown } | undefined {
  try {
    return JSON.parse(line.toString('utf8')) ?? undefined
  } catch {
    return undefined
  }
}
