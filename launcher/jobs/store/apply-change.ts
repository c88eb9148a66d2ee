// Applies a change to a job, if the status table allows it.

import { isDeepStrictEqual } from 'node:util'
import type { Job } from '../../model/job.ts'
import { canFollow, isEnded } from '../../model/status.ts'

/** A change of a job. It is ignored if the status table does not allow its status after the present one. */
export type Change = Partial<
  Pick<Job, 'status' | 'submittedToBackend' | 'startTime' | 'endTime' | 'exitCode' | 'pid' | 'host' | 'usage'> &
  Pick<Job, 'outputTruncated' | 'readyTime' | 'network'>
> & {
  /** Undefined removes it. */
  reason?: string | undefined
  message?: string | undefined
}

interface Changed {
  readonly job: Job
  /** Whether streams show the change: it then gets a revision. */
  readonly isTransition: boolean
}

/**
 * Returns the job after the change, or undefined if the job has ended, the status table forbids the change, or nothing
 * differs. A job that ends without an end time ends `now`.
 */
export function applyChange (job: Job, change: Change, now: () => number): Changed | undefined {
  if (isEnded(job.status)) return undefined
  const statusChanges = change.status !== undefined && change.status !== job.status
  if (statusChanges && !canFollow(job.status, change.status!)) return undefined
  const next = { ...job, ...change } as Job
  if (statusChanges && isEnded(next.status)) next.endTime ??= now()
  const isTransition = statusChanges ||
    next.reason !== job.reason ||
    next.message !== job.message ||
    next.readyTime !== job.readyTime ||
    !isDeepStrictEqual(next.network, job.network) ||
    next.outputTruncated?.reason !== job.outputTruncated?.reason
  const differs = isTransition ||
    next.submittedToBackend !== job.submittedToBackend ||
    next.pid !== job.pid ||
    next.host !== job.host
  return differs ? { job: next, isTransition } : undefined
}

/** Whether `applyChange` would return a changed job. */
export function wouldChange (job: Job, change: Change): boolean {
  return applyChange(job, change, () => 0) !== undefined
}
