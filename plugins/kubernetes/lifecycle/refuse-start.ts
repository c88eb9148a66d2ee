// Refuses the start of a job that was admitted before. Its Job may exist all the same.

import type { V1Job } from '@kubernetes/client-node'
import type { LauncherError } from '../../../launcher/errors.ts'
import type { Job } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { pausedJob } from '../metadata/annotations.ts'
import { createJob } from './create-job.ts'
import { readJob } from './read-objects.ts'
import { terminateJob } from './terminate.ts'

interface RefusalDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'jobOf' | 'putJob'>
  readonly namespace: string
  /** Jobs whose Job may still be created by a request that got no reply. */
  readonly uncertain: ReadonlySet<string>
  readonly jobObject: (job: Job) => V1Job
}

/**
 * Rejects with the refusal. Resolves if an earlier attempt has started the job: its pod may run. A Job that is paused
 * never runs then.
 */
export async function refuseStart (
  job: Job, refusal: LauncherError, dependencies: RefusalDependencies
): Promise<void> {
  const { cache, uncertain, jobObject } = dependencies
  if (cache.jobOf(job.id) === undefined) {
    if (!uncertain.has(job.id) && await readJob(job.id, dependencies) === undefined) throw refusal
    // Creates it only if a request without a reply may do so later: whichever of the two does, it is terminated.
    await createJob(job, pausedJob(jobObject(job)), dependencies)
  }
  if (cache.jobOf(job.id)?.paused === false) return
  await terminateJob(job.id, {}, dependencies)
  throw refusal
}
