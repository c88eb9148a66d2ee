// Reads the Events of objects whose jobs wait although their pod gives no reason. One list serves all of them, so the
// load on the cluster grows with the time that jobs wait and not with their number.

import type { CoreV1Event } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import { eventsPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { transformEvent } from './transform.ts'
import type { EventView } from './views.ts'
import type { Wire } from '../client/wire.ts'

export interface EventReader {
  /**
   * Resolves with the events of the object with that uid, the newest last. They are at most ten seconds old, or as old
   * as twenty times the duration of a slow list. Empty if the launcher has no right to read them.
   */
  of (uid: string): Promise<readonly EventView[]>
}

const READ_INTERVAL_MS = 10_000
/** A slow list is repeated after this many times its duration. */
const PAUSE_PER_DURATION = 20
const PAGE_SIZE = 500

/** Reasons of events that every job has when nothing is wrong. */
const NORMAL_REASONS = [
  'Scheduled',
  'SuccessfulCreate',
  'SuccessfulDelete',
  'Completed',
  'Pulled',
  'Created',
  'Started',
  'Killing',
  'MissingClusterDNS'
]
const SELECTOR = NORMAL_REASONS.map(reason => `reason!=${reason}`).join(',')

type WireEvent = Wire<CoreV1Event>

interface Page {
  readonly items: readonly WireEvent[]
  readonly metadata?: { readonly continue?: string }
}

export function createEventReader ({
  client,
  namespace,
  log
}: {
  client: Calls
  namespace: string
  log: Logger
}): EventReader {
  let last: Promise<ReadonlyMap<string, readonly EventView[]>> | undefined
  let nextAt = -Infinity

  async function read (): Promise<ReadonlyMap<string, readonly EventView[]>> {
    const found = new Map<string, Array<{ at: number, view: EventView }>>()
    try {
      let next: string | undefined
      do {
        const page: Page = await client.call({
          method: 'GET',
          path: eventsPath(namespace),
          query: { fieldSelector: SELECTOR, limit: PAGE_SIZE, continue: next }
        })
        for (const event of page.items) {
          const { uid } = event.involvedObject
          if (uid === undefined) continue
          const ofObject = found.get(uid) ?? []
          found.set(uid, ofObject)
          ofObject.push({ at: timeOf(event), view: transformEvent(event) })
        }
        next = page.metadata?.continue
      } while (next)
    } catch (err) {
      log.debug({ err }, 'event list failed')
    }
    return new Map(Array.from(found, ([uid, list]) => [uid, list.sort((a, b) => a.at - b.at).map(({ view }) => view)]))
  }

  return {
    async of (uid) {
      const now = performance.now()
      if (last === undefined || now >= nextAt) {
        nextAt = Infinity
        last = read().finally(() => {
          const end = performance.now()
          nextAt = end + Math.max(READ_INTERVAL_MS, PAUSE_PER_DURATION * (end - now))
        })
      }
      return (await last).get(uid) ?? []
    }
  }
}

function timeOf ({ lastTimestamp, eventTime, firstTimestamp }: WireEvent): number {
  return Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? '') || 0
}
