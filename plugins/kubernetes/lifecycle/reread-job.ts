// Reads the Job of a job again if a suspension may have deleted its pod. The deletion of the pod can be observed before
// the suspension of the Job, because each has its own watch.

import type { Calls } from '../client/client.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { hadNoNode } from '../cache/tracked-pod.ts'
import { readJob } from './read-objects.ts'

export interface RereadDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'jobOf' | 'podsOf' | 'putJob'>
  readonly namespace: string
}

/** Does nothing if no pod of the job was deleted before it had a node. */
export async function rereadJob (id: string, { client, cache, namespace }: RereadDependencies): Promise<void> {
  if (cache.jobOf(id) === undefined || !cache.podsOf(id).some(hadNoNode)) return
  const job = await readJob(id, { client, namespace })
  if (job !== undefined) cache.putJob(job)
}
