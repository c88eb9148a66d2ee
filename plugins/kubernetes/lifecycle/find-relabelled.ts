// Finds the Job and the pod of a job that lost their labels before this launcher started: no list shows them.

import { isEnded, type Job } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { isLive } from '../cache/views.ts'
import { readJob } from './read-objects.ts'
import { relistPods, type RelistDependencies } from './relist-pods.ts'

export interface FindDependencies extends RelistDependencies {
  readonly cache: Pick<ClusterCache, 'fresh' | 'jobOf' | 'podsOf' | 'putJob' | 'putPod' | 'markPodGone'>
  /** The API server's time. */
  readonly now: () => number
}

/** The event of a new pod arrives sooner. */
const POD_EVENT_LAG_MS = 5000

/** Does nothing while the cache is not fresh, and if the cache has both. */
export async function findRelabelled (job: Job, dependencies: FindDependencies): Promise<void> {
  const { client, cache, namespace, now } = dependencies
  const { id } = job
  if (!cache.fresh() || isEnded(job.status) || !job.submittedToBackend) return
  if (cache.jobOf(id) === undefined) {
    const found = await readJob(id, { client, namespace })
    if (found !== undefined) cache.putJob(found)
  }
  const jobView = cache.jobOf(id)
  if (jobView === undefined || jobView.active === 0 || !isLive(jobView) || cache.podsOf(id).length > 0) return
  if (now() - jobView.createdAt >= POD_EVENT_LAG_MS) await relistPods(id, dependencies)
}
