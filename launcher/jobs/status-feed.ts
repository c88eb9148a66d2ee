// The feed of transitions for status streams: recent ones from memory, older ones from the store.

import { createTopics } from './topics.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { shownEvent } from './shown-event.ts'
import type { JobFilter } from './store/filter.ts'
import { submissionSize } from './store/job-row.ts'
import { isRemoved, type Removed } from './store/removals.ts'
import type { Store } from './store/store.ts'

/** Transitions kept in memory. A reader that is further behind reads from the store, so it uses no memory. */
const MAX_RECENT = 4096
/** Jobs that one reader reads at once: about a millisecond of work. */
const PAGE = 100
/** Milliseconds per event-loop iteration for readers that start or are far behind. */
const BUDGET_MS = 5

/** Characters of a submission's JSON; a job with more is not kept, so that many large jobs do not fill the memory. */
const LARGE = 16_384

/** A transition or a removal in memory. A large job is a reference that does not keep it there. */
interface Recent {
  readonly revision: number
  readonly event?: Job | Removed
  readonly large?: WeakRef<Job>
}

/** Topic of readers that follow more than one job. */
const ALL = ''

/**
 * Jobs and removals by revision, never empty; or `reset`: what came before does not count any more, and the present
 * state follows; or `adopted`: all jobs of an earlier launcher were given.
 */
export type Batch = ReadonlyArray<Job | Removed> | 'reset' | 'adopted'

export interface StatusFeed {
  publish (events: ReadonlyArray<Job | Removed>): void
  /** Every job of an earlier launcher on a cluster is in the store. */
  adopted (): void
  /**
   * Yields jobs as they were at each transition after `after`, and the removals, until the signal aborts. Without
   * `after` yields the present state of each job first, by revision. If the store does not have everything since
   * `after`, yields `reset` before that. With `filter.id`, ends after the final status, even if that came at or before
   * `after`, and if the job does not exist any more. With `completeAt`, `adopted` follows the jobs up to the revision
   * that it returns. It returns undefined until the jobs of earlier launchers are adopted.
   */
  follow (
    store: Store,
    filter: JobFilter,
    after: number | undefined,
    signal: AbortSignal,
    completeAt?: () => number | undefined
  ): AsyncGenerator<Batch>
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
  function recentAfter (revision: number): Array<Job | Removed> | undefined {
    const first = recent[0]
    if (first === undefined || first.revision > revision + 1) return undefined
    const from = firstAfter(recent, revision)
    const events: Array<Job | Removed> = []
    for (let index = from; index < recent.length && events.length < PAGE; index++) {
      const { event, large } = recent[index]!
      const found = event ?? large?.deref()
      if (found === undefined) return events.length > 0 ? events : undefined
      events.push(found)
      if (large !== undefined) break
    }
    return events
  }

  return {
    publish (events) {
      for (const event of events) recent.push(recentOf(event))
      if (recent.length > 2 * MAX_RECENT) recent = recent.slice(-MAX_RECENT)
      topics.publish(ALL, events[0]!.revision)
      for (const event of events) topics.publish(idOf(event), event.revision)
    },

    adopted () {
      topics.publish(ALL, 0)
    },

    async * follow (store, filter, after, signal, completeAt) {
      const { id } = filter
      const isFinal = (event: Job | Removed): boolean =>
        id !== undefined && (isRemoved(event) || isEnded(event.status))
      /** Undefined before the present state. */
      let revision = after
      if (after !== undefined && !store.isResumable(after)) {
        yield 'reset'
        revision = undefined
      }
      for (;;) {
        if (revision === undefined) {
          const present = store.revision()
          for (let read = 0; ;) {
            await yieldIfBusy()
            if (signal.aborted) return
            const jobs = presentAfter(store, filter, read, present)
            if (jobs.length === 0) break
            read = jobs.at(-1)!.revision
            yield jobs
            if (isFinal(jobs.at(-1)!)) return
          }
          revision = present
        }
        const cached = recentAfter(revision)
        if (cached === undefined) await yieldIfBusy()
        if (signal.aborted) return
        // A reader that was slow for a day.
        if (cached === undefined && revision < store.completeAfter()) {
          yield 'reset'
          revision = undefined
          continue
        }
        const events: ReadonlyArray<Job | Removed> = cached ?? store.transitionsAfter(revision, PAGE)
        const complete = completeAt?.()
        if (complete !== undefined && (revision >= complete || events.length === 0)) {
          completeAt = undefined
          yield 'adopted'
          continue
        }
        if (events.length === 0) {
          const present = id === undefined ? undefined : store.get(id)
          if (id !== undefined && (present === undefined || (isFinal(present) && present.revision <= revision))) return
          revision = Math.max(revision, (await topics.next(id ?? ALL, signal) ?? 0) - 1)
          continue
        }
        revision = events.at(-1)!.revision
        const shown = events.flatMap(event => shownEvent(store, filter, event) ?? [])
        if (shown.length > 0) {
          yield shown
          if (isFinal(shown.at(-1)!)) return
        } else {
          // Yield to other readers between pages without a match.
          await yieldIfBusy()
        }
      }
    }
  }
}

function idOf (event: Job | Removed): string {
  return isRemoved(event) ? event.job.id : event.id
}

function recentOf (event: Job | Removed): Recent {
  const { revision } = event
  return !isRemoved(event) && submissionSize(event) > LARGE
    ? { revision, large: new WeakRef(event) }
    : { revision, event }
}

function firstAfter (events: Recent[], revision: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (events[middle]!.revision <= revision) low = middle + 1
    else high = middle
  }
  return low
}
