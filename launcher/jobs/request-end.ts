// Requests the end of a job: stores the intent, then calls the plugin, so that the next launcher can repeat it. On a
// disk without room it calls the plugin first.

import { isLauncherError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import type { Cause, Intent, RequestedBy } from '../model/intent.ts'
import type { Job } from '../model/job.ts'
import type { Cluster } from './cluster.ts'
import type { Store } from './store/store.ts'

/** Does nothing if the same or a kill was requested before. Rejects as the plugin does, or with StoreUnavailable. */
export async function requestEnd (
  job: Job,
  operation: Intent['operation'],
  { cluster, store, by, cause }: {
    cluster: Cluster, store: Pick<Store, 'setIntent' | 'keepIntent'>, by?: RequestedBy, cause?: Cause
  }
): Promise<void> {
  const before = job.intent
  if (before?.operation === operation || before?.operation === 'kill') return
  const intent: Intent = {
    operation,
    at: Date.now(),
    ...(by && { by }),
    ...(before?.operation === 'stop' && { stopAt: before.at, ...(before.by && { stopBy: before.by }) }),
    ...defined({ cause: cause ?? before?.cause })
  }
  const isStored = await store.setIntent(job.id, intent).then(() => true, (error: unknown) => {
    // A full disk must not keep a job alive. A cancel only has an effect once it is stored.
    if (operation === 'cancel' || !isLauncherError(error, 'StoreUnavailable')) throw error
    store.keepIntent(job.id, intent)
    return false
  })
  try {
    await cluster.plugin.control({ ...job, intent }, operation)
  } catch (error) {
    if (isStored) await store.setIntent(job.id, before)
    else store.keepIntent(job.id, before)
    throw error
  }
}
