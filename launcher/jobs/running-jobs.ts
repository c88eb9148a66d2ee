// Keeps of each running job what filters and measurements need, so that neither reads the store for all of them.

import type { Job } from '../model/job.ts'
import type { JobIdentity } from './store/filter.ts'

/** A job that runs or is suspended, without the rest of its submission. */
export type RunningJob = JobIdentity &
  Pick<Job, 'status' | 'reason' | 'exitCode' | 'pid' | 'host' | 'startTime' | 'usage'>

export interface RunningJobs {
  /** Adds, replaces or removes the job, depending on its status. */
  seen (job: Job): void
  get (id: string): RunningJob | undefined
  /** By id. */
  all (): RunningJob[]
  count (): number
}

export function createRunningJobs (): RunningJobs {
  const jobs = new Map<string, RunningJob>()
  return {
    seen (job) {
      if (job.status === 'Running' || job.status === 'Suspended') jobs.set(job.id, runningJobOf(job))
      else jobs.delete(job.id)
    },
    get: id => jobs.get(id),
    all: () => [...jobs.values()].sort((a, b) => a.id < b.id ? -1 : 1),
    count: () => jobs.size
  }
}

function runningJobOf (job: Job): RunningJob {
  const { id, user, cluster, array, submissionTime, submission, status, reason, pid, host, startTime, usage } = job
  const { name, tags } = submission
  return {
    id,
    user,
    cluster,
    submissionTime,
    submission: { name, ...(tags && { tags }) },
    status,
    ...(array && { array }),
    ...(reason !== undefined && { reason }),
    ...(pid !== undefined && { pid }),
    ...(host !== undefined && { host }),
    ...(startTime !== undefined && { startTime }),
    ...(usage && { usage })
  }
}
