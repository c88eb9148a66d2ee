// Keeps the Job controller from running a program a second time. Before Kubernetes 1.26 it answers a pod that somebody
// deleted with another one at once, whose container starts about a second later: what is done here cannot wait its turn.

import type { Logger } from 'pino'
import type { ClusterView } from '../cache/cluster-cache.ts'
import { deletePods, endRun, type EndParts } from './terminate.ts'
import { isOver, type PodSight } from '../cache/tracked-pod.ts'
import { inOrder, mayRun } from '../state/first-pod.ts'
import type { StartGates } from './start-gates.ts'
import { type JobView, isLive } from '../cache/views.ts'

export interface Guard {
  /** To be called at each change of a job's pods. */
  check (id: string): void
}

/** The pods to be removed at once: those after the first, when the Job must not make another; undefined when all is well. */
export function intruders (jobView: JobView | undefined, pods: readonly PodSight[]): readonly PodSight[] | undefined {
  if (jobView === undefined || jobView.asked !== undefined || jobView.parallelism === 0 || !isLive(jobView)) return undefined
  const live = inOrder(pods).slice(1).filter(mayRun)
  const lost = pods.some(pod => pod.struck || (pod.gone && !isOver(pod)))
  return lost || live.length > 0 ? live : undefined
}

/** What fails here is done again when the job is looked at. */
export function guard (parts: EndParts & { view: ClusterView, gates: Pick<StartGates, 'takeBack'>, log: Logger }): Guard {
  const { view, gates, log } = parts
  const underWay = new Set<string>()

  async function stop (id: string, pods: readonly PodSight[]): Promise<void> {
    const names = pods.map(({ name }) => name)
    await Promise.all([gates.takeBack(id), endRun(id, {}, parts), deletePods(names, true, parts)])
  }

  return {
    check (id) {
      const found = intruders(view.jobOf(id), view.podsOf(id))
      if (found === undefined || underWay.has(id)) return
      underWay.add(id)
      stop(id, found)
        .catch(err => log.warn({ err, job: id }, 'a Job could not be kept from making another pod at once'))
        .finally(() => underWay.delete(id))
    }
  }
}
