// Caches the most recently used jobs as they are in the database, to avoid reading and parsing them at every reconcile.

import type { Job } from '../../model/job.ts'

const MAX_JOBS = 1000
/** Characters of a submission's JSON. Jobs with a longer one are not cached, to bound the memory. */
const MAX_SUBMISSION_SIZE = 16_384

export interface RecentJobs {
  /** Returns the cached job. Callers must not change it. */
  get (id: string): Job | undefined
  /** `submissionSize` is in characters of JSON. */
  remember (job: Job, submissionSize: number): void
  /** Updates a job after a change, if it is cached. */
  replace (job: Job): void
  forget (id: string): void
  /** Drops every job, because the cache may be wrong after a group of writes was rolled back. */
  clear (): void
}

export function createRecentJobs (): RecentJobs {
  // A Map keeps the order in which its keys were set, so the first key is the least recently used.
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
      if (submissionSize > MAX_SUBMISSION_SIZE) return
      jobs.delete(job.id)
      jobs.set(job.id, Object.freeze(job))
      if (jobs.size > MAX_JOBS) jobs.delete(jobs.keys().next().value!)
    },
    replace (job) {
      if (jobs.has(job.id)) jobs.set(job.id, Object.freeze(job))
    },
    forget (id) { jobs.delete(id) },
    clear () { jobs.clear() }
  }
}
