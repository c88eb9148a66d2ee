// Prevents the Job controller from running a program a second time. If a client removes the finalizer of a pod and
// deletes the pod, the controller replaces it once it has ended, or at once after a deletion by force. The container of
// the new pod starts about a second later. So the guard does not wait for the job's lock.

import type { Logger } from 'pino'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { deletePods, terminateJob, type TerminateDependencies } from './terminate.ts'
import { rereadJob } from './reread-job.ts'
import { hadNoNode, isTerminal, type TrackedPod } from '../cache/tracked-pod.ts'
import { byCreation, mayRun } from '../state/first-pod.ts'
import { type JobView, isLive } from '../cache/views.ts'

export interface SecondPodGuard {
  /** Must be called at each change of a job's pods. */
  check (id: string): void
}

/**
 * Returns the pods to remove at once, those after the first, if the Job must not create another. Returns undefined if
 * nothing is to be done.
 */
export function surplusPods (
  jobView: JobView | undefined,
  pods: readonly TrackedPod[]
): readonly TrackedPod[] | undefined {
  if (
    jobView === undefined ||
    jobView.requestedOperation !== undefined ||
    jobView.parallelism === 0 ||
    !isLive(jobView)
  ) { return undefined }
  const laterPods = byCreation(pods).slice(1).filter(mayRun)
  const isOneLost = pods.some(pod => pod.deletedWhileRunning || (pod.gone && !isTerminal(pod)))
  return isOneLost || laterPods.length > 0 ? laterPods : undefined
}

/** A failure is only logged: the next observation of the job repeats the work. */
export function createSecondPodGuard (
  dependencies: TerminateDependencies & { cache: ClusterCache; log: Logger }
): SecondPodGuard {
  const { cache, log } = dependencies
  const pending = new Set<string>()

  async function removeSurplus (id: string): Promise<void> {
    if (cache.podsOf(id).some(hadNoNode)) await rereadJob(id, dependencies)
    const names = surplusPods(cache.jobOf(id), cache.podsOf(id))?.map(({ name }) => name)
    if (names === undefined) return
    await Promise.all([terminateJob(id, {}, dependencies), deletePods(names, 'none', dependencies)])
  }

  return {
    check (id) {
      if (surplusPods(cache.jobOf(id), cache.podsOf(id)) === undefined || pending.has(id)) return
      pending.add(id)
      removeSurplus(id)
        .catch(err => log.warn({ err, job: id }, 'second pod not prevented, will retry'))
        .finally(() => pending.delete(id))
    }
  }
}
