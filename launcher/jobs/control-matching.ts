// Carries out one operation on each unfinished job that matches a filter, a few of a cluster at a time.

import { isLauncherError, LauncherError } from '../errors.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { Job } from '../model/job.ts'
import { isEnded, type JobStatus, type Operation } from '../model/status.ts'
import type { JobFilter } from './store/filter.ts'
import type { Store } from './store/store.ts'

/** What became of one job. */
export interface ControlResult {
  readonly id: string
  /** The operation that was requested, also if it is not known how it went. Missing if none was, or it was refused. */
  readonly operation?: Operation
  /** The status after the request. */
  readonly status?: JobStatus
  /** Why the operation was not requested, or is not known to be. */
  readonly error?: Error
}

interface Dependencies {
  store: Pick<Store, 'get' | 'unfinished'>
  control: (id: string, operation: Operation) => Promise<Job>
  /** Aborts when the launcher closes. */
  signal: AbortSignal
}

/** Jobs of one cluster at a time. A cluster that does not answer holds up only its own jobs. */
const AT_ONCE = 16
/** Milliseconds per event-loop iteration for the beginnings of operations. */
const BUDGET_MS = 5

/**
 * Resolves with a result for each job that matched and had not ended at the call, the newest first. `stop` and `kill`
 * cancel the jobs that wait. The jobs that are not done when `withTimeout` rejects have RequestTimeout; of these, the
 * jobs whose turn had not come are left as they are.
 */
export async function controlMatching (
  { store, control, signal }: Dependencies,
  filter: JobFilter,
  operation: Operation,
  withTimeout: (work: Promise<unknown>) => Promise<unknown>
): Promise<ControlResult[]> {
  // The newest jobs wait, so none of them starts because an older one ends.
  const found = store.unfinished(filter).reverse()
  const results = new Map<string, ControlResult>()
  const yieldIfBusy = createEventLoopBudget({ ms: BUDGET_MS })
  const begun = new Map<string, Operation>()
  let timeout: Error | undefined

  async function work (ids: Iterator<string>): Promise<void> {
    for (;;) {
      await yieldIfBusy()
      if (timeout !== undefined || signal.aborted) return
      const { value: id, done } = ids.next()
      if (done === true) return
      results.set(id, await resultOf(id))
    }
  }

  async function resultOf (id: string): Promise<ControlResult> {
    try {
      return await carryOut(id)
    } catch (error) {
      return { id, error: error as Error }
    }
  }

  /** Tries again if the job's status changed meanwhile to one that needs another operation. */
  async function carryOut (id: string): Promise<ControlResult> {
    let refused: { operation: Operation, error: unknown } | undefined
    for (;;) {
      const status = store.get(id)?.status
      if (status !== undefined && isEnded(status)) return { id, status }
      const next = status === 'Pending' && (operation === 'stop' || operation === 'kill') ? 'cancel' : operation
      if (refused?.operation === next) throw refused.error
      begun.set(id, next)
      try {
        return { id, operation: next, status: (await control(id, next)).status }
      } catch (error) {
        if (!isLauncherError(error, 'InvalidJobState')) throw error
        refused = { operation: next, error }
      }
    }
  }

  const workers = [...Map.groupBy(found, ({ cluster }) => cluster).values()].flatMap(jobs => {
    const ids = jobs.map(({ id }) => id).values()
    return Array.from({ length: Math.min(AT_ONCE, jobs.length) }, () => work(ids))
  })
  await withTimeout(Promise.all(workers)).catch((error: Error) => { timeout = error })
  return found.map(({ id }) => {
    const operation = begun.get(id)
    return results.get(id) ?? { id, ...(operation && { operation }), error: unanswered(timeout, operation) }
  })
}

/** `operation` was requested, or the job's turn had not come. */
function unanswered (timeout: Error | undefined, operation: Operation | undefined): Error {
  if (timeout === undefined) return shuttingDown()
  if (!isLauncherError(timeout, 'RequestTimeout')) return timeout
  return new LauncherError('RequestTimeout', operation === undefined
    ? 'The operation was not requested: the call ended before the turn of the job. Repeat the call.'
    : `${operation} was requested, and the cluster has not answered yet. Look at the job.`)
}

function shuttingDown (): LauncherError {
  return new LauncherError('ShuttingDown', 'The launcher is stopping and requests no more operations.')
}
