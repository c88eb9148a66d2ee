// Caches the most recently used jobs as they are in the database, to avoid reading and parsing them at every reconcile.

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
  const small = leastRecentlyUsed(MAX_JOBS)
  const large = leastRecentlyUsed(MAX_LARGE_SIZE)
  return {
    get: id => small.get(id) ?? large.get(id),
    remember (job, submissionSize) {
      if (submissionSize <= LARGE) small.set(job, 1)
      else large.set(job, submissionSize)
    },
    replace (job) {
      small.replace(job)
      large.replace(job)
    },
    forget (id) {
      small.forget(id)
      large.forget(id)
    },
    clear () {
      small.clear()
      large.clear()
    }
  }
}

interface Cache {
  get (id: string): Job | undefined
  set (job: Job, weight: number): void
  replace (job: Job): void
  forget (id: string): void
  clear (): void
}

/** Keeps jobs whose weights are at most `maxWeight` together. */
function leastRecentlyUsed (maxWeight: number): Cache {
  // A Map keeps the order in which its keys were set, so the first key is the least recently used.
  const jobs = new Map<string, { readonly job: Job, readonly weight: number }>()
  let weight = 0
  function forget (id: string): void {
    weight -= jobs.get(id)?.weight ?? 0
    jobs.delete(id)
  }
  return {
    get (id) {
      const found = jobs.get(id)
      if (found === undefined) return undefined
      jobs.delete(id)
      jobs.set(id, found)
      return found.job
    },
    set (job, added) {
      forget(job.id)
      jobs.set(job.id, { job: Object.freeze(job), weight: added })
      weight += added
      while (weight > maxWeight) forget(jobs.keys().next().value!)
    },
    replace (job) {
      const found = jobs.get(job.id)
      if (found !== undefined) jobs.set(job.id, { ...found, job: Object.freeze(job) })
    },
    forget,
    clear () {
      jobs.clear()
      weight = 0
    }
  }
}
