// Takes up the jobs of an earlier launcher: those of the store, and those that only a cluster still knows.

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
  /** Ends the tries to list a cluster that could not be listed. */
  signal: AbortSignal
}

/**
 * Milliseconds of a turn of the event loop for finding out which of the jobs that a cluster lists are not in the store.
 */
const TURN_MS = 10

/**
 * Resolves when every unfinished job was asked to be looked at and each cluster was listed, or could not be: it is then
 * tried again for ever, and holds up nothing else.
 */
export async function adopt ({ store, clusters, reconciler, log, signal }: Dependencies): Promise<void> {
  const unfinished = store.unfinished()
  const known = new Set(unfinished)
  const yieldIfBusy = createEventLoopBudget({ ms: TURN_MS })
  for (const id of unfinished) reconciler.adopt(id)
  const recovered = await Promise.all(Array.from(clusters, cluster => tryToRecover(cluster, 1)))
  const lost = recovered.reduce((sum, count) => sum + count, 0)
  if (unfinished.length + lost > 0) {
    log.info({ unfinished: unfinished.length, recalled: lost }, 'took up the jobs of an earlier launcher')
  }

  async function tryToRecover (cluster: Cluster, attempt: number): Promise<number> {
    try {
      return await recoverUnknown(cluster)
    } catch (error) {
      // A cluster that is away is told of once; its health tells the rest.
      const level = !isLauncherError(error, 'ClusterUnavailable') ? 'error' : attempt === 1 ? 'warn' : 'debug'
      log[level](
        { err: error, cluster: cluster.name },
        'the jobs of a cluster could not be listed and are asked for again'
      )
      delay(backoffMs(attempt), undefined, { signal, ref: false }).then(
        () => tryToRecover(cluster, attempt + 1),
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
        log.warn({ job: id, cluster: cluster.name }, 'a job without a readable record was left alone')
        continue
      }
      await store.insert({ ...job, cluster: cluster.name, submittedToBackend: true })
      reconciler.adopt(id)
      count++
    }
    return count
  }
}
