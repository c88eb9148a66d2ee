// Reads the events of one object, for jobs that wait without their pod saying why.

import type { CoreV1EventList } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import { eventsPath } from './api-paths.ts'
import type { Call } from './client/client.ts'
import { projectEvent, type Wire } from './project.ts'
import { slots } from './slots.ts'
import type { EventView } from './views.ts'

export interface Events {
  /** The events of the object of that uid, the newest last. Asks at most once in half a minute; empty when there is no right to. */
  of (uid: string): Promise<readonly EventView[]>
}

const ASK_EVERY_MS = 30_000
const MOST_AT_ONCE = 4
const MOST_EVENTS = 50

export function events ({ call, namespace, log }: { call: <T>(call: Call) => Promise<T>, namespace: string, log: Logger }): Events {
  const turns = slots(MOST_AT_ONCE)
  const known = new Map<string, { at: number, events: readonly EventView[] }>()

  function forgetOld (now: number): void {
    for (const [uid, { at }] of known) {
      if (now - at < 2 * ASK_EVERY_MS) return
      known.delete(uid)
    }
  }

  async function ask (uid: string): Promise<readonly EventView[]> {
    const giveBack = await turns.take(new AbortController().signal)
    try {
      const { items } = await call<Wire<CoreV1EventList>>({
        method: 'GET',
        path: eventsPath(namespace),
        query: { fieldSelector: `involvedObject.uid=${uid}`, limit: MOST_EVENTS }
      })
      const when = ({ lastTimestamp, eventTime, firstTimestamp }: typeof items[number]): number => Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? '') || 0
      return items.sort((a, b) => when(a) - when(b)).map(projectEvent)
    } catch (err) {
      log.debug({ err }, 'the events of an object could not be read')
      return []
    } finally {
      giveBack()
    }
  }

  return {
    async of (uid) {
      const now = performance.now()
      const last = known.get(uid)
      if (last !== undefined && now - last.at < ASK_EVERY_MS) return last.events
      forgetOld(now)
      const events = await ask(uid)
      // Last in the map, so that the oldest come first.
      known.delete(uid)
      known.set(uid, { at: now, events })
      return events
    }
  }
}
