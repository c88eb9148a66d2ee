// Keeps the Job controller from running a program a second time. Before Kubernetes 1.26 it answers a pod that somebody
// deleted with another one at once, whose container starts about a second later: what is done here cannot wait its
// turn.

import type { Logger } from 'pino'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { deletePods, terminateJob, type TerminateDependencies } from './terminate.ts'
import { isTerminal, type TrackedPod } from '../cache/tracked-pod.ts'
import { byCreation, mayRun } from '../state/first-pod.ts'
import type { StartGates } from './start-gates.ts'
import { type JobView, isLive } from '../cache/views.ts'

export interface SecondPodGuard {
  /** To be called at each change of a job's pods. */
  check (id: string): void
}

/**
 * The pods to be removed at once: those after the first, when the Job must not make another; undefined when all is
 * well.
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
  const live = byCreation(pods).slice(1).filter(mayRun)
  const lost = pods.some(pod => pod.deletedWhileRunning || (pod.gone && !isTerminal(pod)))
  return lost || live.length > 0 ? live : undefined
}

/** What fails here is done again when the job is looked at. */
export function createSecondPodGuard (
  dependencies: TerminateDependencies & { cache: ClusterCache; gates: Pick<StartGates, 'revoke'>; log: Logger }
): SecondPodGuard {
  const { cache, gates, log } = dependencies
  const underWay = new Set<string>()

  async function stop (id: string, pods: readonly TrackedPod[]): Promise<void> {
    const names = pods.map(({ name }) => name)
    await Promise.all([gates.revoke(id), terminateJob(id, {}, dependencies), deletePods(names, true, dependencies)])
  }

  return {
    check (id) {
      const found = surplusPods(cache.jobOf(id), cache.podsOf(id))
      if (found === undefined || underWay.has(id)) return
      underWay.add(id)
      stop(id, found)
        .catch(err => log.warn({ err, job: id }, 'a Job could not be kept from making another pod at once'))
        .finally(() => underWay.delete(id))
    }
  }
}
