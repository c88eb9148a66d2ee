// Adopts the jobs of an earlier launcher: those in the store, and those that only a cluster still knows.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isLauncherError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { Cluster } from './cluster.ts'
import type { Reconciler } from './reconcile.ts'
import type { Store } from './store/store.ts'

interface Dependencies {
  store: Store
  clusters: Iterable<Cluster>
  reconciler: Reconciler
  log: Logger
  /** Ends the retries for clusters that could not be listed. */
  signal: AbortSignal
}

/** Milliseconds per event-loop iteration for comparing the jobs that a cluster lists with the store. */
const BUDGET_MS = 10

/**
 * Resolves once every unfinished job is queued for reconciling and each cluster was listed or failed. A failed list is
 * retried forever in the background and delays nothing else.
 */
export async function adopt ({ store, clusters, reconciler, log, signal }: Dependencies): Promise<void> {
  const unfinished = store.unfinished()
  const known = new Set(unfinished)
  const yieldIfBusy = createEventLoopBudget({ ms: BUDGET_MS })
  for (const id of unfinished) reconciler.adopt(id)
  const recovered = await Promise.all(Array.from(clusters, cluster => tryToRecover(cluster, 1)))
  const total = recovered.reduce((sum, count) => sum + count, 0)
  if (unfinished.length + total > 0) {
    log.info({ unfinished: unfinished.length, recovered: total }, 'jobs of earlier launcher adopted')
  }

  async function tryToRecover (cluster: Cluster, attempt: number, failedAt?: number): Promise<number> {
    try {
      const count = await recoverUnknown(cluster)
      if (failedAt !== undefined) {
        const outageMs = Math.round(performance.now() - failedAt)
        log.info({ cluster: cluster.name, outageMs, recovered: count }, 'job list restored')
      }
      return count
    } catch (error) {
      // An unavailable cluster is logged once; its health shows the present state.
      const level = !isLauncherError(error, 'ClusterUnavailable') ? 'error' : attempt === 1 ? 'warn' : 'debug'
      log[level](
        { err: error, cluster: cluster.name },
        'job list failed, will retry'
      )
      const firstFailure = failedAt ?? performance.now()
      delay(backoffMs(attempt), undefined, { signal, ref: false }).then(
        () => tryToRecover(cluster, attempt + 1, firstFailure),
        () => {}
      )
      return 0
    }
  }

  async function recoverUnknown (cluster: Cluster): Promise<number> {
    let count = 0
    for await (const id of cluster.plugin.list()) {
      if (known.has(id)) continue
      await yieldIfBusy()
      if (store.get(id) !== undefined) continue
      const job = await cluster.plugin.recover(id)
      if (job === undefined) {
        log.warn({ job: id, cluster: cluster.name }, 'job without readable record ignored')
        continue
      }
      await store.insert({ ...job, cluster: cluster.name, submittedToBackend: true })
      reconciler.adopt(id)
      count++
    }
    return count
  }
}
