// Prevents the Job controller from running a program a second time. If a client removes the finalizer of a pod and
// deletes the pod, the controller replaces it once it has ended, or at once after a deletion by force. The container of
// the new pod starts about a second later. So the guard does not wait for the job's lock. A failed pod that a rule
// ignores is replaced some seconds after its end.

import type { Logger } from 'pino'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { deletePods, terminateJob, type TerminateDependencies } from './terminate.ts'
import { rereadJob } from './reread-job.ts'
import { hadNoNode, isTerminal, type TrackedPod } from '../cache/tracked-pod.ts'
import { byCreation, isCopyOf, mayRun } from '../state/first-pod.ts'
import { type JobView, isLive } from '../cache/views.ts'

export interface SecondPodGuard {
  /** Must be called at each change of a job's pods. */
  check (id: string): void
}

/**
 * Returns the pods to remove at once, those after the first, if the Job must not create another. Returns undefined if
 * nothing is to be done. While the first pod is there, a copy that another client made of it is left to the Job
 * controller.
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
  const [first, ...others] = byCreation(pods)
  if (first === undefined) return undefined
  const laterPods = others.filter(mayRun)
  const ofJob = pods.filter(pod => !isCopyOf(first, pod))
  const isOneLost = ofJob.some(pod => pod.deletedWhileRunning || (pod.gone && !isTerminal(pod)))
  const isIgnored = jobView.ignoresFailures === true && ofJob.some(pod => pod.phase === 'Failed')
  return isOneLost || isIgnored || laterPods.some(pod => ofJob.includes(pod)) ? laterPods : undefined
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
