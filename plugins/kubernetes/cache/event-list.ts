// Lists the Events of a namespace that may show why an object cannot start.

import type { CoreV1Event } from '@kubernetes/client-node'
import { eventsPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { transformEvent } from './transform.ts'
import type { EventView } from './views.ts'
import type { Wire } from '../client/wire.ts'

/** By the uid of the object, the newest last. */
export type EventsByObject = ReadonlyMap<string, readonly EventView[]>

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

/** Rejects with KubeApiError or NoAnswerError. */
export async function listEvents (client: Calls, namespace: string): Promise<EventsByObject> {
  const found = new Map<string, Array<{ at: number, view: EventView }>>()
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
  return new Map(Array.from(found, ([uid, list]) => [uid, list.sort((a, b) => a.at - b.at).map(({ view }) => view)]))
}

function timeOf ({ lastTimestamp, eventTime, firstTimestamp }: WireEvent): number {
  return Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? '') || 0
}
