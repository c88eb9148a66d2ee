// What the observation of a running job says of its ports: whether they have answered.

import { mayBecomeReady, readinessOf } from '../../launcher/plugin-kit/readiness.ts'
import type { ActiveObservation, Job } from '../../launcher/plugin.ts'
import type { JobRecord } from './job-folder.ts'
import type { Parts } from './parts.ts'
import { treeOf } from './running-job.ts'
import { processesOf } from './signals.ts'
import type { StartedSupervisor } from './supervisor-state.ts'

/** The ports of a suspended job are not asked: the kernel would accept connections for it. */
export async function observeReadiness (
  job: Job, started: StartedSupervisor, state: 'running' | 'suspended', record: JobRecord | undefined, parts: Parts
): Promise<Pick<ActiveObservation, 'readyTime' | 'reason' | 'message' | 'requeueAfterMs'>> {
  const { age, portOwner, readiness } = parts
  const { id, submission: { exposedPorts = [] } } = job
  if (state === 'suspended' || !mayBecomeReady(job)) {
    readiness.forget(id)
    return {}
  }
  const sinceStartMs = (): number => age.since(id, started.startTime)
  const tree = await treeOf(job, started, record, parts)
  const pids = async (): Promise<number[]> => (await processesOf(tree)).map(({ pid }) => pid)
  return readinessOf(job, () => readiness.watch({
    id,
    exposedPorts,
    ports: record?.ports ?? [],
    sinceStartMs,
    isOwn: async (port, known) => await portOwner.isOwn(port, pids, known)
  }), sinceStartMs)
}
