// Makes sure that every pod of a job that may run its program is known, and none that is gone: the Job controller may
// make one after the write that forbids it, and news may come later than that of the Job, or not at all while a watch
// is dead.

import { podsPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { podSelector } from '../metadata/labels.ts'
import type { StartGates } from './start-gates.ts'

export interface RelistDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'podsOf' | 'putPod' | 'markPodGone'>
  readonly gates: Pick<StartGates, 'revoke'>
  readonly namespace: string
}

/** A pod that is made later cannot start where the job has a pass. Rejects when it cannot be made sure. */
export async function relistPods (id: string, { client, cache, gates, namespace }: RelistDependencies): Promise<void> {
  await gates.revoke(id)
  // One that comes while the server is asked may not be in its answer.
  const known = cache
    .podsOf(id)
    .filter(({ gone }) => !gone)
    .map(({ uid }) => uid)
  const labelSelector = Object.entries(podSelector(id))
    .map(pair => pair.join('='))
    .join()
  const { items } = await client.call<{ items?: KubeObject[] }>({
    method: 'GET',
    path: podsPath(namespace),
    query: { labelSelector }
  })
  const pods = items ?? []
  for (const pod of pods) cache.putPod(pod)
  const present = new Set(pods.map(({ metadata }) => metadata?.uid))
  for (const uid of known) if (!present.has(uid)) cache.markPodGone(uid)
}
