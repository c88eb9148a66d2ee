// Keeps the jobs that were looked at last as they are in the database, so that each is not read and parsed again at
// every look.

import type { Job } from '../../model/job.ts'

/** Jobs that are kept. */
const MOST = 1000
/** Characters of a submission's JSON; a job with a longer one is not kept, so that few large ones hold no memory. */
const LONGEST = 16_384

export interface RecentJobs {
  /** The job as it was remembered last; nobody may change it. */
  get (id: string): Job | undefined
  /** `submissionSize` is in characters of JSON. */
  remember (job: Job, submissionSize: number): void
  /** Takes the state of a job after a change; a job that was not kept stays so. */
  replace (job: Job): void
  forget (id: string): void
  /** What was remembered may be wrong: a group of writes was undone. */
  clear (): void
}

export function createRecentJobs (): RecentJobs {
  // A Map keeps the order in which its keys were set: the first is the one that nobody asked for the longest.
  const jobs = new Map<string, Job>()
  return {
    get (id) {
      const job = jobs.get(id)
      if (job === undefined) return undefined
      jobs.delete(id)
      jobs.set(id, job)
      return job
    },
    remember (job, submissionSize) {
      if (submissionSize > LONGEST) return
      jobs.delete(job.id)
      jobs.set(job.id, Object.freeze(job))
      if (jobs.size > MOST) jobs.delete(jobs.keys().next().value!)
    },
    replace (job) {
      if (jobs.has(job.id)) jobs.set(job.id, Object.freeze(job))
    },
    forget (id) { jobs.delete(id) },
    clear () { jobs.clear() }
  }
}
