// Which clusters a request can name: a job needs one that is configured, and a filter one that has or had jobs.

import { LauncherError, type ErrorDetails } from '../errors.ts'
import { shownWord } from '../lib/shown-value.ts'
import type { Cluster } from './cluster.ts'
import type { Store } from './store/store.ts'

type Clusters = ReadonlyMap<string, Cluster>

/** Returns the cluster with the name. Throws ClusterNotFound. */
export function configuredCluster (name: string, clusters: Clusters, details: ErrorDetails = {}): Cluster {
  const cluster = clusters.get(name)
  if (cluster !== undefined) return cluster
  throw new LauncherError(
    'ClusterNotFound',
    `There is no cluster ${shownWord(name)}. The clusters are: ${[...clusters.keys()].join(', ')}.`,
    details
  )
}

/** Throws ClusterNotFound for a name that is not configured and never was while this database was in use. */
export function requireKnownClusters (
  names: readonly string[] = [], { clusters, store }: { clusters: Clusters, store: Pick<Store, 'wasAdopted' | 'list'> }
): void {
  for (const name of names) {
    if (clusters.has(name) || store.wasAdopted(name)) continue
    // The database of a copied scratch path has jobs of clusters that it has not adopted.
    const [job] = store.list({ clusters: [name] }, 1, undefined, { withSubmission: false })
    if (job === undefined) configuredCluster(name, clusters, { field: 'cluster', in: 'query' })
  }
}
