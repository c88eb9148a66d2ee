// The output of one job, wherever it is kept: as process logs in the data of the host, or collected from the node.

import { withTimeout } from '../../../launcher/lib/with-timeout.ts'
import type { Job, Observation } from '../../../launcher/plugin.ts'
import type { JobView } from '../cache/views.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import type { LogCollector } from '../output/log-collector.ts'
import type { Truncation } from '../metadata/annotations.ts'
import type { JobLogs } from '../process-logs/job-logs.ts'

export interface JobOutputDependencies {
  readonly collector: LogCollector
  readonly jobLogs: Pick<JobLogs, 'confirm' | 'folderOf' | 'isOverLimit' | 'limit' | 'sizes' | 'truncationOf'>
}

export interface JobOutput {
  /** Whether the launcher can read any output of the job now. */
  hasAny (): Promise<boolean>
  /** Ensures that all output is collected, and returns whether it already is. */
  collect (pod: TrackedPod | undefined, jobEnded: boolean, limitMb: number | undefined): boolean
  isOverLimit (): boolean
  /** Why output is missing of a job that is in this state. */
  truncation (observation: Observation): Promise<Truncation | undefined>
}

/** The end of a job does not wait longer for the data, whose file system may not answer. */
const WAIT_MS = 1000

/** Whether the output of the job is in the data. Its Job decides; `view` is undefined if it is not known. */
export function hasProcessLogs (
  id: string, view: JobView | undefined, jobLogs: Pick<JobLogs, 'confirm' | 'folderOf'>
): boolean {
  if (view !== undefined) jobLogs.confirm(id, view.processLogs)
  return jobLogs.folderOf(id) !== undefined
}

export function outputOf (
  job: Pick<Job, 'id' | 'submission' | 'startTime'>,
  view: JobView | undefined,
  { collector, jobLogs }: JobOutputDependencies
): JobOutput {
  const { id } = job
  if (!hasProcessLogs(id, view, jobLogs)) {
    return {
      hasAny: async () => collector.hasOutput(id),
      collect: (pod, jobEnded, limitMb) => pod === undefined || collector.collect(id, pod, jobEnded, limitMb),
      isOverLimit: () => collector.isOverLimit(id),
      truncation: async observation =>
        collector.truncationOf(id, observation.state === 'ended', mayHaveRun(job, observation))
    }
  }
  return {
    async hasAny () {
      const { stdout = 0, stderr = 0 } = await inTime(jobLogs.sizes(id)) ?? {}
      return stdout + stderr > 0
    },
    collect (_pod, jobEnded, limitMb) {
      jobLogs.limit(id, jobEnded ? undefined : limitMb)
      return true
    },
    isOverLimit: () => jobLogs.isOverLimit(id),
    // Files that cannot be read now are not lost: they are read when a client asks for them.
    truncation: async ({ state }) => state === 'ended' ? await inTime(jobLogs.truncationOf(job)) : undefined
  }
}

/** An outcome without a pod has no start. */
function mayHaveRun ({ startTime }: Pick<Job, 'startTime'>, observation: Observation): boolean {
  if (observation.state !== 'ended') return false
  const { status, reason } = observation.outcome
  return (observation.startTime ?? startTime) !== undefined || status === 'Finished' || reason === 'Lost'
}

/** Resolves with undefined if the answer fails or comes late. */
async function inTime<T> (answer: Promise<T>): Promise<T | undefined> {
  return await withTimeout(answer, WAIT_MS).catch(() => undefined)
}
