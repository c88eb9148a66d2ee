// The feed of transitions that status streams read: a short memory, and the store for whoever is further behind.

import { createTopics } from './topics.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { matches, type JobFilter } from './store/filter.ts'
import type { Store } from './store/store.ts'

/** Transitions kept in memory. A reader that is further behind is served from the store, so it costs no memory. */
const REMEMBERED = 4096
/** Jobs that one reader takes at once: about a millisecond of work. */
const PAGE = 100
/** Milliseconds of a turn of the event loop for readers that begin or are far behind. */
const TURN_MS = 5

/** Topic of those who follow more than one job. */
const ALL = ''

export interface StatusFeed {
  publish (jobs: Job[]): void
  /** A job was removed from the store. */
  removed (id: string): void
  /**
   * Jobs as they were at each transition after `after`, for ever, until the signal aborts. Without `after`: first the
   * present state of each job, by revision, then the changes. Yields batches that are never empty. With `filter.id` it
   * ends after the final status, also when that came at or before `after`, and when the job is gone.
   */
  follow (store: Store, filter: JobFilter, after: number | undefined, signal: AbortSignal): AsyncGenerator<Job[]>
}

export function createStatusFeed (): StatusFeed {
  let recent: Job[] = []
  /** Each piece is a revision before which nothing is new to those who waited. */
  const topics = createTopics<number>()
  /** Many readers may begin at once, or be far behind at once. */
  const yieldIfBusy = createEventLoopBudget({ ms: TURN_MS })

  /** Read last, when the store had come to `at`: of many readers that begin at once most ask for the same. */
  let page: { readonly filter: string, readonly after: number, readonly at: number, readonly jobs: Job[] } | undefined

  /** The next jobs after the revision `after`, as they were when the store had come to `present` or later. */
  function presentAfter (store: Store, filter: JobFilter, after: number, present: number): Job[] {
    const key = JSON.stringify(filter)
    if (page === undefined || page.filter !== key || page.after !== after || page.at < present) {
      page = { filter: key, after, at: store.revision(), jobs: store.listByRevision(filter, PAGE, after) }
    }
    return page.jobs.filter(job => job.revision <= present)
  }

  function rememberedSince (revision: number): Job[] | undefined {
    const first = recent[0]
    if (first === undefined || first.revision > revision + 1) return undefined
    const from = firstAfter(recent, revision)
    return recent.slice(from, from + PAGE)
  }

  return {
    publish (jobs) {
      recent.push(...jobs)
      if (recent.length > 2 * REMEMBERED) recent = recent.slice(-REMEMBERED)
      topics.publish(ALL, jobs[0]!.revision)
      for (const { id, revision } of jobs) topics.publish(id, revision)
    },

    removed (id) {
      topics.publish(id, 0)
    },

    async * follow (store, filter, after, signal) {
      const { id } = filter
      let revision = after ?? 0
      const isFinal = (job: Job): boolean => id !== undefined && isEnded(job.status)
      if (after === undefined) {
        const present = store.revision()
        for (;;) {
          await yieldIfBusy()
          if (signal.aborted) return
          const jobs = presentAfter(store, filter, revision, present)
          if (jobs.length === 0) break
          revision = jobs.at(-1)!.revision
          yield jobs
          if (isFinal(jobs.at(-1)!)) return
        }
        revision = present
      }
      for (;;) {
        const remembered = rememberedSince(revision)
        if (remembered === undefined) await yieldIfBusy()
        if (signal.aborted) return
        const jobs = remembered ?? store.transitionsAfter(revision, PAGE)
        if (jobs.length === 0) {
          const present = id === undefined ? undefined : store.get(id)
          if (id !== undefined && (present === undefined || (isFinal(present) && present.revision <= revision))) return
          revision = Math.max(revision, (await topics.next(id ?? ALL, signal) ?? 0) - 1)
          continue
        }
        revision = jobs.at(-1)!.revision
        const wanted = jobs.filter(job => matches(filter, job))
        if (wanted.length > 0) {
          yield wanted
          if (isFinal(wanted.at(-1)!)) return
        } else if (jobs.length === PAGE) {
          // Others have their turn between two pages that hold nothing for this reader.
          await yieldIfBusy()
        }
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
