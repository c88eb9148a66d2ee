// Decides what a stream shows of a transition or a removal.

import type { Job } from '../model/job.ts'
import { couldMatch, matches, type JobFilter } from './store/filter.ts'
import { isRemoved, type Removed } from './store/removals.ts'
import type { Store } from './store/store.ts'

/** Jobs as they were before transitions. Many streams ask for the same one. */
const before = new WeakMap<Job, { readonly job: Job | undefined }>()

/**
 * Returns the job if it matches the filter, that it was removed if it matched before, and otherwise undefined. The
 * removal of a job from the store is shown for every status that it could have had: a client that was away has not seen
 * the last ones.
 */
export function shownEvent (
  store: Pick<Store, 'before'>, filter: JobFilter, event: Job | Removed
): Job | Removed | undefined {
  if (isRemoved(event)) return couldMatch(filter, event.job) ? event : undefined
  if (matches(filter, event)) return event
  if (!couldMatch(filter, event)) return undefined
  const previous = jobBefore(store, event)
  if (previous === undefined || !matches(filter, previous)) return undefined
  return { removed: 'unmatched', job: event, revision: event.revision }
}

function jobBefore (store: Pick<Store, 'before'>, job: Job): Job | undefined {
  const known = before.get(job)
  if (known !== undefined) return known.job
  const previous = store.before(job)
  before.set(job, { job: previous })
  return previous
}
