// Deletes ended jobs and their output after the job expiry, and the keys and the removals of deleted jobs after a day.
// A job that has not ended is never deleted.

import type { Logger } from 'pino'
import type { Store } from './store/store.ts'

const BATCH = 100
const MAX_PAUSE_MS = 60_000

interface Dependencies {
  store: Store
  /** Milliseconds to keep a job after its end. Read in every round, so a reload takes effect. */
  expiryMs: () => number
  remove: (id: string) => Promise<void>
  log: Logger
}

/** Starts the rounds. The returned function ends them and resolves when none is in flight. */
export function startExpiry ({ store, expiryMs, remove, log }: Dependencies): () => Promise<void> {
  let timer: NodeJS.Timeout
  let stopped = false
  let inFlight: Promise<void> | undefined

  async function round (): Promise<void> {
    const ids = store.endedLongAgo(expiryMs(), BATCH)
    let removed = 0
    for (const id of ids) {
      if (stopped) return
      try {
        await remove(id)
        removed++
      } catch (error) {
        log.error({ err: error, job: id }, 'deleting expired job failed, will retry')
      }
    }
    const forgotten = await store.forgetOldKeys() + await store.forgetOldRemovals()
    await store.saveTime()
    if (removed < ids.length) schedule(MAX_PAUSE_MS)
    else schedule(ids.length === BATCH || forgotten > 0 ? 0 : pauseMs(expiryMs()))
  }

  function schedule (ms: number): void {
    if (!stopped) timer = setTimeout(() => { inFlight = round().catch(failed) }, ms).unref()
  }

  function failed (error: unknown): void {
    log.error({ err: error }, 'listing expired jobs failed, will retry')
    schedule(MAX_PAUSE_MS)
  }

  schedule(pauseMs(expiryMs()))
  return async () => {
    stopped = true
    clearTimeout(timer)
    await inFlight
  }
}

function pauseMs (expiryMs: number): number {
  return Math.min(MAX_PAUSE_MS, Math.max(100, expiryMs / 10))
}
