// The feed of transitions that status streams read: a short memory, and the store for whoever is further behind.

import { setImmediate } from 'node:timers/promises'
import { newsChannel } from '../lib/news-channel.ts'
import type { Job } from './job.ts'
import { isEnded } from './status-table.ts'
import { matches, type JobFilter } from './store/filter.ts'
import type { Store } from './store/store.ts'

/** Transitions kept in memory. A reader that is further behind is served from the store, so it costs no memory. */
const REMEMBERED = 4096
const PAGE = 500

export interface StatusFeed {
  publish (jobs: Job[]): void
  /** A job was removed from the store. */
  removed (): void
  /**
   * Jobs as they were at each transition after `after`, for ever, until the signal aborts. Without `after`: first the
   * present state of each job, by revision, then the changes. Yields batches that are never empty. With `filter.id` it
   * ends after the final status, also when that came at or before `after`, and when the job is gone.
   */
  follow (store: Store, filter: JobFilter, after: number | undefined, signal: AbortSignal): AsyncGenerator<Job[]>
}

export function statusFeed (): StatusFeed {
  let recent: Job[] = []
  let removals = 0
  const news = newsChannel()

  function since (store: Store, revision: number): Job[] {
    const first = recent[0]
    if (first === undefined || first.revision > revision + 1) return store.transitionsAfter(revision, PAGE)
    return recent.slice(firstAfter(recent, revision), firstAfter(recent, revision) + PAGE)
  }

  return {
    publish (jobs) {
      recent.push(...jobs)
      if (recent.length > 2 * REMEMBERED) recent = recent.slice(-REMEMBERED)
      news.tell()
    },

    removed () {
      removals++
      news.tell()
    },

    async * follow (store, filter, after, signal) {
      let revision = after ?? 0
      let removalsSeen = -1
      const isFinal = (job: Job): boolean => filter.id !== undefined && isEnded(job.status)
      if (after === undefined) {
        const present = store.revision()
        while (!signal.aborted) {
          const jobs = store.listByRevision(filter, PAGE, revision).filter(job => job.revision <= present)
          if (jobs.length === 0) break
          revision = jobs.at(-1)!.revision
          yield jobs
          if (isFinal(jobs.at(-1)!)) return
        }
        revision = present
      }
      while (!signal.aborted) {
        const jobs = since(store, revision)
        if (jobs.length === 0) {
          if (filter.id !== undefined && removalsSeen !== removals) {
            removalsSeen = removals
            const present = store.get(filter.id)
            if (present === undefined || isFinal(present)) return
          }
          await news.next(signal)
          continue
        }
        revision = jobs.at(-1)!.revision
        const wanted = jobs.filter(job => matches(filter, job))
        if (wanted.length === 0) {
          // Others have their turn between two pages that hold nothing for this reader.
          await setImmediate()
          continue
        }
        yield wanted
        if (isFinal(wanted.at(-1)!)) return
      }
    }
  }
}

function firstAfter (jobs: Job[], revision: number): number {
  let low = 0
  let high = jobs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (jobs[middle]!.revision <= revision) low = middle + 1
    else high = middle
  }
  return low
}
