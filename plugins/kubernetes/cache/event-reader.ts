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
  /** An outcome needs them: they are read sooner, and the reply waits for them for some seconds. */
  readonly urgent?: boolean
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

const MIN_PAUSE_MS = 1000
/** A slow list is repeated after this many times its duration. */
const PAUSE_PER_DURATION = 20
const URGENT_PAUSE_PER_DURATION = 2
/** How long the reply to an urgent request waits. */
const PATIENCE_MS = 4000

interface List {
  readonly events: Promise<EventsByObject>
  /** Time of the API server. */
  readonly readAt: number
  /** Of the monotonic clock, as `endedAt`. */
  readonly startedAt: number
  /** Infinity until it has ended. */
  endedAt: number
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
    const list: List = { events, readAt: now(), startedAt, endedAt: Infinity }
    events.finally(() => { list.endedAt = performance.now() })
    return list
  }

  /** Milliseconds until the next list may start. */
  function untilNextMs ({ startedAt, endedAt }: List, urgent: boolean): number {
    const perDuration = urgent ? URGENT_PAUSE_PER_DURATION : PAUSE_PER_DURATION
    return endedAt + Math.max(MIN_PAUSE_MS, perDuration * (endedAt - startedAt)) - performance.now()
  }

  return {
    async of ({ uid, since, urgent = false }) {
      const until = performance.now() + (urgent ? PATIENCE_MS : 0)
      for (;;) {
        if (last === undefined || (last.readAt < since && untilNextMs(last, urgent) <= 0)) last = startList()
        const list = last
        const events = (await list.events).get(uid) ?? []
        if (list.readAt >= since) return { events }
        const newerInMs = Math.max(0, untilNextMs(list, urgent), since - now())
        if (performance.now() + newerInMs > until) return { events, newerInMs }
        await delay(newerInMs)
      }
    }
  }
}
