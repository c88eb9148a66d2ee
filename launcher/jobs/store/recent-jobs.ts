// Caches the most recently used jobs as they are in the database, to avoid reading and parsing them at every reconcile.

import { leastRecentlyUsed } from '../../lib/least-recently-used.ts'
import type { Job } from '../../model/job.ts'

const MAX_JOBS = 1000
/** Characters of a submission's JSON. Jobs with a longer one are cached within MAX_LARGE_SIZE, to bound the memory. */
const LARGE = 16_384
/** Characters of all large submissions together: the largest jobs of a moment, which take 20 ms to read. */
const MAX_LARGE_SIZE = 8_000_000

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
  const small = leastRecentlyUsed<Job>(MAX_JOBS)
  const large = leastRecentlyUsed<Job>(MAX_LARGE_SIZE)
  return {
    get: id => small.get(id) ?? large.get(id),
    remember (job, submissionSize) {
      const frozen = Object.freeze(job)
      if (submissionSize <= LARGE) small.set(job.id, frozen)
      else large.set(job.id, frozen, submissionSize)
    },
    replace (job) {
      const frozen = Object.freeze(job)
      small.replace(job.id, frozen)
      large.replace(job.id, frozen)
    },
    forget (id) {
      small.delete(id)
      large.delete(id)
    },
    clear () {
      small.clear()
      large.clear()
    }
  }
}
