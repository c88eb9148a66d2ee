// Looks at one job: judges what is known of it, carries out what that demands, and waits for its output to be kept.

import type { Stopwatch } from '../../../launcher/lib/monotonic-age.ts'
import type { Job, Observation } from '../../../launcher/plugin.ts'
import type { ClusterView } from '../cache/cluster-cache.ts'
import type { Deadlines } from '../state/deadlines.ts'
import { deletePods, endRun, type EndParts } from './terminate.ts'
import type { Events } from '../cache/event-reader.ts'
import { findPods, type FindParts } from './relist-pods.ts'
import type { OutputKeeper } from '../output/log-collector.ts'
import { runsOf } from '../state/first-pod.ts'
import { sight, type Act, type Scene } from '../state/evaluate.ts'

export interface LookParts extends EndParts, FindParts {
  readonly view: ClusterView
  readonly events: Events
  readonly keeper: OutputKeeper
  readonly deadlines: Deadlines
  /** The API server's time, which the times of its objects are of. */
  readonly now: () => number
  readonly waited: Stopwatch
}

/** While the last output comes, in case the news of its end is lost. */
const OUTPUT_AGAIN_MS = 5000

/** Rejects when something that had to be done could not be; nothing was decided then. */
export async function look (job: Job, parts: LookParts): Promise<Observation> {
  const { view, events, keeper } = parts
  let seen = judge()
  if (seen.eventsOf !== undefined) seen = judge({ known: await events.of(seen.eventsOf) })
  if (seen.inDoubt === true) {
    await findPods(job.id, parts)
    seen = judge({ certain: true, wrote: keeper.holds(job.id) })
  }
  const { observation, act } = seen
  if (act !== undefined && act.kind !== 'endSidecars') await carryOut(act)
  const { run } = runsOf(job, view.podsOf(job.id))
  const ended = observation.state === 'ended'
  const kept = run === undefined || keeper.keep(job.id, run, ended)
  if (!ended) return observation
  if (!kept) return { state: 'running', startTime: observation.startTime ?? job.startTime ?? job.submissionTime, again: OUTPUT_AGAIN_MS }
  if (act?.kind === 'endSidecars') await carryOut(act)
  return observation

  function judge ({ known = [], certain = false, wrote = false }: { known?: Scene['events'], certain?: boolean, wrote?: boolean } = {}) {
    const jobView = view.jobOf(job.id)
    const askedAt = job.intent?.at ?? jobView?.askedAt
    return sight({
      job,
      jobView,
      pods: view.podsOf(job.id),
      synced: view.fresh(),
      certain,
      wrote,
      events: known,
      deadlines: parts.deadlines,
      now: parts.now(),
      sinceAsked: askedAt === undefined ? Infinity : parts.waited.since(job.id, askedAt)
    })
  }

  async function carryOut (act: Act): Promise<void> {
    if (act.kind === 'deletePods') await deletePods(act.pods, true, parts)
    else await endRun(job.id, act, parts)
  }
}
