// Decides what becomes of the jobs that waited when the launcher's files were copied.

import { REASONS } from '../plugin.ts'
import type { Store } from './store/store.ts'

/**
 * Fails every job that waited for its start. The original may have started it after the copy, and it must not run
 * twice. Resolves with the number of jobs.
 */
export async function failWaiting (
  store: Pick<Store, 'unfinished' | 'get' | 'change'>,
  now: () => number = Date.now
): Promise<number> {
  const waiting = store.unfinished().filter(({ id }) => {
    const job = store.get(id)
    return job?.status === 'Pending' && !job.submittedToBackend
  })
  const reason = 'RestoredFromCopy'
  await Promise.all(waiting.map(({ id }) =>
    store.change(id, { status: 'Failed', reason, message: REASONS[reason], endTime: now() })
  ))
  return waiting.length
}
