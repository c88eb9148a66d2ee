// Removes the output of ended jobs after the job expiry, the jobs themselves after the time of the history, and the
// keys and the removals of deleted jobs after a day. A job that has not ended is never removed.

import type { Logger } from 'pino'
import type { Store } from './store/store.ts'

const BATCH = 100
const MAX_PAUSE_MS = 60_000

interface Dependencies {
  store: Pick<Store, 'endedLongAgo' | 'historyLongAgo' | 'forgetOldKeys' | 'forgetOldRemovals' | 'saveTime'>
  /** Milliseconds to keep the output of a job after its end. Read in every round, so a reload takes effect. */
  expiryMs: () => number
  /** Milliseconds to keep a job after its end. If they are fewer, a job goes with its output. */
  historyMs: () => number
  /** Removes the output of the job, and all else that its cluster has of it. */
  expireOutput: (id: string) => Promise<void>
  remove: (id: string) => Promise<void>
  log: Logger
}

/** Starts the rounds. The returned function ends them and resolves when none is in flight. */
export function startExpiry (
  { store, expiryMs, historyMs, expireOutput, remove, log }: Dependencies
): () => Promise<void> {
  let timer: NodeJS.Timeout
  let stopped = false
  let inFlight: Promise<void> | undefined

  /** Returns how many were done; a job whose step failed comes again. */
  async function each (ids: readonly string[], step: (id: string) => Promise<void>): Promise<number> {
    let done = 0
    for (const id of ids) {
      if (stopped) break
      try {
        await step(id)
        done++
      } catch (error) {
        log.error({ err: error, job: id }, 'deleting expired job failed, will retry')
      }
    }
    return done
  }

  async function round (): Promise<void> {
    const ended = store.endedLongAgo(expiryMs(), BATCH)
    const expired = await each(ended, historyMs() > expiryMs() ? expireOutput : remove)
    const old = store.historyLongAgo(Math.max(expiryMs(), historyMs()), BATCH)
    const removed = await each(old, remove)
    const forgotten = await store.forgetOldKeys() + await store.forgetOldRemovals()
    await store.saveTime()
    if (expired < ended.length || removed < old.length) schedule(MAX_PAUSE_MS)
    else if (ended.length === BATCH || old.length === BATCH || forgotten > 0) schedule(0)
    else schedule(pauseMs(expiryMs()))
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
