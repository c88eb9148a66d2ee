// The feed of transitions for status streams: recent ones from memory, older ones from the store.

import { createTopics } from './topics.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { matches, type JobFilter } from './store/filter.ts'
import { submissionSize } from './store/job-row.ts'
import type { Store } from './store/store.ts'

/** Transitions kept in memory. A reader that is further behind reads from the store, so it uses no memory. */
const MAX_RECENT = 4096
/** Jobs that one reader reads at once: about a millisecond of work. */
const PAGE = 100
/** Milliseconds per event-loop iteration for readers that start or are far behind. */
const BUDGET_MS = 5

/** Characters of a submission's JSON; a job with more is not kept, so that many large jobs do not fill the memory. */
const LARGE = 16_384

/** A transition in memory: the job as it was, or a reference that does not keep a large job there. */
interface Recent {
  readonly revision: number
  readonly job?: Job
  readonly large?: WeakRef<Job>
}

/** Topic of readers that follow more than one job. */
const ALL = ''

export interface StatusFeed {
  publish (jobs: Job[]): void
  /** Ends the streams of a job that was removed from the store. */
  removed (id: string): void
  /** Every job of an earlier launcher on a cluster is in the store. */
  adopted (): void
  /**
   * Yields jobs as they were at each transition after `after`, until the signal aborts. Without `after`, or if no
   * revision of the store is so high, yields the present state of each job first, by revision. With `filter.id`, ends
   * after the final status, even if that came at or before `after`, and if the job does not exist any more.
   * A batch is never empty, with one exception: with `completeAt`, an empty batch follows the jobs up to the revision
   * that it returns. It returns undefined until the jobs of earlier launchers are adopted.
   */
  follow (
    store: Store,
    filter: JobFilter,
    after: number | undefined,
    signal: AbortSignal,
    completeAt?: () => number | undefined
  ): AsyncGenerator<Job[]>
}

export function createStatusFeed (): StatusFeed {
  let recent: Recent[] = []
  /** The value is a revision before which nothing is new for the waiting readers. */
  const topics = createTopics<number>()
  /** Many readers may start, or fall behind, at the same time. */
  const yieldIfBusy = createEventLoopBudget({ ms: BUDGET_MS })

  /**
   * The page read last, when `at` was the revision of the store. Most readers that start at the same time read the same
   * page.
   */
  let page: { readonly filter: string, readonly after: number, readonly at: number, readonly jobs: Job[] } | undefined

  /** Returns the next jobs after the revision `after`, read from the store at revision `present` or later. */
  function presentAfter (store: Store, filter: JobFilter, after: number, present: number): Job[] {
    const key = JSON.stringify(filter)
    if (page === undefined || page.filter !== key || page.after !== after || page.at < present) {
      page = { filter: key, after, at: store.revision(), jobs: store.listByRevision(filter, PAGE, after) }
    }
    return page.jobs.filter(job => job.revision <= present)
  }

  /** Returns undefined if the store has to be read: for older transitions, and for large jobs that were freed. */
  function recentAfter (revision: number): Job[] | undefined {
    const first = recent[0]
    if (first === undefined || first.revision > revision + 1) return undefined
    const from = firstAfter(recent, revision)
    const jobs: Job[] = []
    for (let index = from; index < recent.length && jobs.length < PAGE; index++) {
      const { job, large } = recent[index]!
      const found = job ?? large?.deref()
      if (found === undefined) return jobs.length > 0 ? jobs : undefined
      jobs.push(found)
      if (large !== undefined) break
    }
    return jobs
  }

  return {
    publish (jobs) {
      for (const job of jobs) recent.push(recentOf(job))
      if (recent.length > 2 * MAX_RECENT) recent = recent.slice(-MAX_RECENT)
      topics.publish(ALL, jobs[0]!.revision)
      for (const { id, revision } of jobs) topics.publish(id, revision)
    },

    removed (id) {
      topics.publish(id, 0)
    },

    adopted () {
      topics.publish(ALL, 0)
    },

    async * follow (store, filter, after, signal, completeAt) {
      const { id } = filter
      const isFinal = (job: Job): boolean => id !== undefined && isEnded(job.status)
      const present = store.revision()
      // A revision that this store has not reached is of a lost one.
      const known = after !== undefined && after <= present
      let revision = known ? after : 0
      if (!known) {
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
        const cached = recentAfter(revision)
        if (cached === undefined) await yieldIfBusy()
        if (signal.aborted) return
        const jobs = cached ?? store.transitionsAfter(revision, PAGE)
        const complete = completeAt?.()
        if (complete !== undefined && (revision >= complete || jobs.length === 0)) {
          completeAt = undefined
          yield []
          continue
        }
        if (jobs.length === 0) {
          const present = id === undefined ? undefined : store.get(id)
          if (id !== undefined && (present === undefined || (isFinal(present) && present.revision <= revision))) return
          revision = Math.max(revision, (await topics.next(id ?? ALL, signal) ?? 0) - 1)
          continue
        }
        revision = jobs.at(-1)!.revision
        const matching = jobs.filter(job => matches(filter, job))
        if (matching.length > 0) {
          yield matching
          if (isFinal(matching.at(-1)!)) return
        } else {
          // Yield to other readers between pages without a match.
          await yieldIfBusy()
        }
      }
    }
  }
}

function recentOf (job: Job): Recent {
  const { revision } = job
  return submissionSize(job) > LARGE ? { revision, large: new WeakRef(job) } : { revision, job }
}

function firstAfter (jobs: Recent[], revision: number): number {
  let low = 0
  let high = jobs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (jobs[middle]!.revision <= revision) low = middle + 1
    else high = middle
  }
  return low
}
