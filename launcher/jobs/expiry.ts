// Forgets ended jobs and their output after the job expiry. A job that has not ended is never touched.

import type { Logger } from 'pino'
import type { Store } from './store/store.ts'

const BATCH = 100
const LONGEST_PAUSE_MS = 60_000

interface Dependencies {
  store: Store
  /** Milliseconds after its end that a job is kept. Read at every round, so that a reload counts. */
  expiryMs: () => number
  remove: (id: string) => Promise<void>
  log: Logger
  now?: () => number
}

/** Starts the rounds; returns the function that ends them and resolves when none is under way. */
export function startExpiry ({ store, expiryMs, remove, log, now = Date.now }: Dependencies): () => Promise<void> {
  let timer: NodeJS.Timeout
  let stopped = false
  let underWay: Promise<void> | undefined

  async function round (): Promise<void> {
    const ids = store.endedBefore(now() - expiryMs(), BATCH)
    let removed = 0
    for (const id of ids) {
      if (stopped) return
      try {
        await remove(id)
        removed++
      } catch (error) {
        log.error({ err: error, job: id }, 'an expired job could not be forgotten and is tried again')
      }
    }
    if (removed < ids.length) schedule(LONGEST_PAUSE_MS)
    else schedule(ids.length === BATCH ? 0 : pauseMs(expiryMs()))
  }

  function schedule (ms: number): void {
    if (!stopped) timer = setTimeout(() => { underWay = round().catch(failed) }, ms).unref()
  }

  function failed (error: unknown): void {
    log.error({ err: error }, 'the expired jobs could not be listed')
    schedule(LONGEST_PAUSE_MS)
  }

  schedule(pauseMs(expiryMs()))
  return async () => {
    stopped = true
    clearTimeout(timer)
    await underWay
  }
}

function pauseMs (expiryMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(100, expiryMs / 10))
}
