// Looks at one job: judges what is known of it, carries out what that demands, and waits for its output to be kept.

import type { MonotonicAge } from '../../../launcher/lib/monotonic-age.ts'
import type { Job, Observation } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import type { StartDeadlines } from '../config/config.ts'
import { deletePods, terminateJob, type TerminateDependencies } from './terminate.ts'
import type { EventReader } from '../cache/event-reader.ts'
import { relistPods, type RelistDependencies } from './relist-pods.ts'
import type { LogCollector } from '../output/log-collector.ts'
import { firstPodOf } from '../state/first-pod.ts'
import { evaluate, type Action, type Snapshot } from '../state/evaluate.ts'

export interface ObserveDependencies extends TerminateDependencies, RelistDependencies {
  readonly cache: ClusterCache
  readonly eventReader: EventReader
  readonly collector: LogCollector
  readonly deadlines: StartDeadlines
  /** The API server's time, which the times of its objects are of. */
  readonly now: () => number
  readonly age: MonotonicAge
}

/** While the last output comes, in case the news of its end is lost. */
const OUTPUT_AGAIN_MS = 5000

/** Rejects when something that had to be done could not be; nothing was decided then. */
export async function observe (job: Job, dependencies: ObserveDependencies): Promise<Observation> {
  const { cache, eventReader, collector } = dependencies
  let seen = evaluateNow()
  if (seen.eventsFor !== undefined) seen = evaluateNow({ known: await eventReader.of(seen.eventsFor) })
  if (seen.needsRelist === true) {
    await relistPods(job.id, dependencies)
    seen = evaluateNow({ relisted: true, hasOutput: collector.hasOutput(job.id) })
  }
  const { observation, action } = seen
  if (action !== undefined && action.kind !== 'endSidecars') await carryOut(action)
  const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
  const ended = observation.state === 'ended'
  const kept = firstPod === undefined || collector.collect(job.id, firstPod, ended)
  if (!ended) return observation
  if (!kept) {
    return {
      state: 'running',
      startTime: observation.startTime ?? job.startTime ?? job.submissionTime,
      requeueAfterMs: OUTPUT_AGAIN_MS
    }
  }
  if (action?.kind === 'endSidecars') await carryOut(action)
  return observation

  function evaluateNow ({
    known = [],
    relisted = false,
    hasOutput = false
  }: { known?: Snapshot['events']; relisted?: boolean; hasOutput?: boolean } = {}) {
    const jobView = cache.jobOf(job.id)
    const requestedAt = job.intent?.at ?? jobView?.requestedAt
    return evaluate({
      job,
      jobView,
      pods: cache.podsOf(job.id),
      synced: cache.fresh(),
      relisted,
      hasOutput,
      events: known,
      deadlines: dependencies.deadlines,
      now: dependencies.now(),
      sinceRequestedMs: requestedAt === undefined ? Infinity : dependencies.age.since(job.id, requestedAt)
    })
  }

  async function carryOut (action: Action): Promise<void> {
    if (action.kind === 'deletePods') await deletePods(action.pods, true, dependencies)
    else await terminateJob(job.id, action, dependencies)
  }
}
