// Lists the pods of a job again, so the cache has every pod that may run its program, and none that is gone. The Job
// controller may create a pod after the write that forbids it. Changes of pods can arrive later than those of their
// Job, or never while a watch is dead.

import { podsPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { ignoreNotFound } from '../client/errors.ts'
import type { KubeObject } from '../client/watch.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { readPods } from './read-objects.ts'

export interface RelistDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'podsOf' | 'putPod' | 'markPodGone'>
  readonly namespace: string
}

/** Rejects if the list is not certain. */
export async function relistPods (id: string, { client, cache, namespace }: RelistDependencies): Promise<void> {
  // A pod that is created during the request may be missing from the reply.
  const known = cache
    .podsOf(id)
    .filter(({ gone }) => !gone)
  const pods = await readPods(id, { client, namespace })
  for (const pod of pods) cache.putPod(pod)
  const present = new Set(pods.map(({ metadata }) => metadata?.uid))
  const missing = known.filter(({ uid }) => !present.has(uid))
  await Promise.all(missing.map(async ({ uid, name }) => {
    // Another client may have changed its labels.
    const pod = await ignoreNotFound(client.call<KubeObject>({ method: 'GET', path: `${podsPath(namespace)}/${name}` }))
    if (pod?.metadata?.uid === uid) cache.putPod(pod)
    else cache.markPodGone(uid)
  }))
}
