// Carries out an operation on a job: stop, kill or cancel.

import type { Job, Operation } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { isLive } from '../cache/views.ts'
import { pausedJob } from '../metadata/annotations.ts'
import { jobObject } from '../objects/job.ts'
import type { ObjectSettings } from '../objects/settings.ts'
import { firstPodOf, mayRun } from '../state/first-pod.ts'
import { isRefused } from '../state/operation-failure.ts'
import { hasStarted } from '../state/outcome.ts'
import { createJob } from './create-job.ts'
import { deletePods, terminateJob, type TerminateDependencies } from './terminate.ts'

export interface ControlDependencies extends TerminateDependencies {
  readonly cache: Pick<ClusterCache, 'jobOf' | 'putJob' | 'podsOf'>
  /** Jobs whose Job may still be created by a request that got no reply. */
  readonly uncertain: ReadonlySet<string>
}

/** A cancel does nothing once the program has started. */
export async function control (
  job: Job,
  operation: Operation,
  settings: ObjectSettings,
  dependencies: ControlDependencies
): Promise<void> {
  const { cache, uncertain } = dependencies
  const { id, intent } = job
  if (operation === 'cancel') {
    if (hasStarted(job, firstPodOf(job, cache.podsOf(id)).firstPod)) return
    // The request may still be carried out. Whichever of the two creates the Job, it is terminated.
    if (uncertain.has(id)) await createJob(job, pausedJob(jobObject(job, settings)), dependencies)
  }
  const jobView = cache.jobOf(id)
  const isTerminated = jobView !== undefined && isLive(jobView)
  if (isTerminated && jobView.requestedOperation !== operation) {
    await terminateJob(id, intent === undefined ? {} : { intent }, dependencies)
  }
  // A pod that has ended stays until its output was read.
  const live = cache.podsOf(id).filter(mayRun).map(({ name }) => name)
  // A program that never ran needs no grace, which a node gives it all the same.
  if (operation !== 'stop') {
    await deletePods(live, 'shortest', dependencies).catch((error: unknown) => {
      // The cluster deletes the pod of a terminated Job itself, only later. The operation is carried out.
      if (!isTerminated || !isRefused(error)) throw error
    })
  }
  // No Job deletes the pod that its deletion left.
  if (operation === 'stop' && jobView === undefined) await deletePods(live, 'own', dependencies)
}
