// Forgets ended jobs and their output after the job expiry. A job that has not ended is never touched.

import type { Logger } from 'pino'
import type { Store } from './store/store.ts'

const BATCH = 100
const LONGEST_PAUSE_MS = 60_000

interface Surroundings {
  store: Store
  /** Milliseconds after its end that a job is kept. Read at every round, so that a reload counts. */
  expiryMs: () => number
  forget: (id: string) => Promise<void>
  log: Logger
  now?: () => number
}

/** Starts the rounds; returns the function that ends them. */
export function startExpiry ({ store, expiryMs, forget, log, now = Date.now }: Surroundings): () => void {
  let timer: NodeJS.Timeout
  let stopped = false

  async function round (): Promise<void> {
    try {
      const ids = store.endedBefore(now() - expiryMs(), BATCH)
      for (const id of ids) await forget(id)
      schedule(ids.length === BATCH ? 0 : pauseMs(expiryMs()))
    } catch (error) {
      log.error({ err: error }, 'expired jobs could not be forgotten and are tried again')
      schedule(LONGEST_PAUSE_MS)
    }
  }

  function schedule (ms: number): void {
    if (!stopped) timer = setTimeout(round, ms).unref()
  }

  schedule(pauseMs(expiryMs()))
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function pauseMs (expiryMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(100, expiryMs / 10))
}
