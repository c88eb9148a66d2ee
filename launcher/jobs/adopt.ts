// Takes up the jobs of an earlier launcher: those of the store, and those that only a cluster still knows.

import type { Logger } from 'pino'
import type { Cluster } from './cluster.ts'
import type { Reconciler } from './reconcile.ts'
import type { Store } from './store/store.ts'

interface Surroundings {
  store: Store
  clusters: Iterable<Cluster>
  reconciler: Reconciler
  log: Logger
}

/** Resolves when every cluster was listed and every unfinished job was asked to be looked at. One cluster's failure stops no other. */
export async function adopt ({ store, clusters, reconciler, log }: Surroundings): Promise<void> {
  let unfinished = 0
  for (const job of store.unfinished()) {
    reconciler.takeUp(job.id)
    unfinished++
  }
  const recalled = await Promise.all(Array.from(clusters, async cluster => {
    try {
      return await recallUnknown(cluster)
    } catch (error) {
      log.error({ err: error, cluster: cluster.name }, 'the jobs of a cluster could not be listed')
      return 0
    }
  }))
  const lost = recalled.reduce((sum, count) => sum + count, 0)
  if (unfinished + lost > 0) log.info({ unfinished, recalled: lost }, 'took up the jobs of an earlier launcher')

  async function recallUnknown (cluster: Cluster): Promise<number> {
    let count = 0
    for await (const id of cluster.plugin.list()) {
      if (store.get(id) !== undefined) continue
      const job = await cluster.plugin.recall(id)
      if (job === undefined) {
        log.warn({ job: id, cluster: cluster.name }, 'a job without a readable record was left alone')
        continue
      }
      await store.insert({ ...job, cluster: cluster.name, handedOver: true })
      reconciler.takeUp(id)
      count++
    }
    return count
  }
}
