// Learns from a job that has ended whether its pod could write its process logs.

import type { Job, Outcome } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { terminatedOf } from '../cache/tracked-pod.ts'
import { scriptToken } from '../metadata/script-message.ts'
import type { JobLogs } from '../process-logs/job-logs.ts'
import { firstPodOf } from '../state/first-pod.ts'

interface Dependencies {
  readonly cache: Pick<ClusterCache, 'podsOf'>
  readonly jobLogs: Pick<JobLogs, 'noteEnd'>
}

/** May be called again for the same job. */
export function noteLogFailure (job: Job, { reason }: Outcome, { cache, jobLogs }: Dependencies): void {
  const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
  const message = firstPod && terminatedOf(firstPod)?.message
  jobLogs.noteEnd(job.id, reason === 'ProcessLogsNotWritable' ? scriptToken(message) : undefined)
}
