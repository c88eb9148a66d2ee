// Reads the events of objects whose jobs wait without their pod saying why: one list for all of them together, so that
// what is asked of the cluster grows with the time that jobs wait and not with their number.

import type { CoreV1Event } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import { eventsPath } from '../client/paths.ts'
import type { Call } from '../client/client.ts'
import { transformEvent } from './transform.ts'
import type { EventView } from './views.ts'
import type { Wire } from '../client/wire.ts'

export interface EventReader {
  /**
   * The events of the object of that uid, the newest last, as they were at most ten seconds ago; empty when there is no
   * right to read them.
   */
  of (uid: string): Promise<readonly EventView[]>
}

const READ_EVERY_MS = 10_000
/** Of a list that takes long there is one in so many times its duration. */
const DURATIONS = 20
const PAGE = 500

/** What goes as it should, and is told of every job. */
const USUAL = [
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
const SELECTOR = USUAL.map(reason => `reason!=${reason}`).join(',')

type WireEvent = Wire<CoreV1Event>

interface Page {
  readonly items: readonly WireEvent[]
  readonly metadata?: { readonly continue?: string }
}

export function createEventReader ({
  call,
  namespace,
  log
}: {
  call: <T>(call: Call) => Promise<T>
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
        const page: Page = await call({
          method: 'GET',
          path: eventsPath(namespace),
          query: { fieldSelector: SELECTOR, limit: PAGE, continue: next }
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
      log.debug({ err }, 'the events of the namespace could not be read')
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
          nextAt = end + Math.max(READ_EVERY_MS, DURATIONS * (end - now))
        })
      }
      return (await last).get(uid) ?? []
    }
  }
}

function timeOf ({ lastTimestamp, eventTime, firstTimestamp }: WireEvent): number {
  return Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? '') || 0
}
