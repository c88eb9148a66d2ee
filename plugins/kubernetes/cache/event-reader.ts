// Reads the Events of objects whose jobs wait, or are not ready, although their pod gives no reason. One list serves
// all of them, so the load on the cluster grows with the time that jobs wait and not with their number.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Calls } from '../client/client.ts'
import { lacksRight } from '../client/missing-right.ts'
import { listEvents, type EventsByObject } from './event-list.ts'
import type { EventView } from './views.ts'

export interface EventRequest {
  /** uid of the object. */
  readonly uid: string
  /** Time of the API server before which the object had no events that matter. */
  readonly since: number
  /** How long to wait for newer events; by default not at all. */
  readonly patienceMs?: number
}

export interface ReadEvents {
  /** The newest last. Empty if the launcher has no right to read them; those of before if the list fails otherwise. */
  readonly events: readonly EventView[]
  /** Milliseconds until newer ones can be read, if these were read before `since`. */
  readonly newerInMs?: number
}

export interface EventReader {
  /** Resolves with the events of the object. They were read after `since`, or say when that is possible. */
  of (request: EventRequest): Promise<ReadEvents>
}

/** How old the list may be for an object whose events were read before. */
const MAX_AGE_MS = 10_000
const MIN_PAUSE_MS = 1000
/** A slow list is repeated after this many times its duration. */
const PAUSE_PER_DURATION = 20

interface List {
  readonly events: Promise<EventsByObject>
  /** Time of the API server. */
  readonly readAt: number
  /** Of the monotonic clock, as `nextAt`. */
  readonly startedAt: number
  /** When the next list may start: never before this one has ended. */
  nextAt: number
}

export function createEventReader ({
  client,
  namespace,
  log,
  now
}: {
  client: Calls
  namespace: string
  log: Logger
  /** The API server's time. */
  now: () => number
}): EventReader {
  let last: List | undefined

  function startList (): List {
    const startedAt = performance.now()
    const before = last?.events ?? Promise.resolve(new Map())
    const events = listEvents(client, namespace).catch(err => {
      log.debug({ err }, 'event list failed')
      return lacksRight(err) ? new Map() : before
    })
    const list: List = { events, readAt: now(), startedAt, nextAt: Infinity }
    list.events.finally(() => {
      const end = performance.now()
      list.nextAt = end + Math.max(MIN_PAUSE_MS, PAUSE_PER_DURATION * (end - startedAt))
    })
    return list
  }

  return {
    async of ({ uid, since, patienceMs = 0 }) {
      const until = performance.now() + patienceMs
      for (;;) {
        const at = performance.now()
        const isUsable = last !== undefined && last.readAt >= since && at < last.startedAt + MAX_AGE_MS
        if (last === undefined || (!isUsable && at >= last.nextAt)) last = startList()
        const { readAt } = last
        const events = (await last.events).get(uid) ?? []
        if (readAt >= since) return { events }
        const newerInMs = Math.max(0, last.nextAt - performance.now(), since - now())
        if (performance.now() + newerInMs > until) return { events, newerInMs }
        await delay(newerInMs)
      }
    }
  }
}
