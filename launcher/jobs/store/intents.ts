// The operations that were requested of jobs, also those that could not be stored yet.

import type { Intent } from '../../model/intent.ts'
import type { Job } from '../../model/job.ts'
import type { Database } from './database.ts'
import type { JobTable } from './job-table.ts'

export interface Intents {
  /** If it rejects, the job keeps the intent that it had. */
  setIntent (id: string, intent: Intent | undefined): Promise<void>
  /**
   * Gives the job an intent that could not be stored, or takes it back. `get` returns the job with it, and the next
   * change of the job stores it. After a crash before that, only the plugin's note has it.
   */
  keepIntent (id: string, intent: Intent | undefined): void
  /** Stores the intent that the job was given by `keepIntent`, if it still has one. */
  storeKeptIntent (id: string): Promise<void>
  /** Returns the job with its kept intent. */
  withKept (job: Job): Job
  /** The job was stored with its intent. */
  stored (job: Job): void
  /** The job was removed. */
  forget (id: string): void
}

export function createIntents (
  { write }: Pick<Database, 'write'>,
  { updateIntent }: Pick<JobTable, 'updateIntent'>
): Intents {
  const kept = new Map<string, Intent>()

  async function setIntent (id: string, intent: Intent | undefined): Promise<void> {
    await write(() => { updateIntent(id, intent) })
    kept.delete(id)
  }

  return {
    setIntent,
    keepIntent (id, intent) {
      if (intent === undefined) kept.delete(id)
      else kept.set(id, intent)
    },
    async storeKeptIntent (id) {
      const intent = kept.get(id)
      if (intent !== undefined) await setIntent(id, intent)
    },
    withKept (job) {
      const intent = kept.get(job.id)
      return intent === undefined ? job : { ...job, intent }
    },
    stored ({ id, intent }) {
      if (intent === kept.get(id)) kept.delete(id)
    },
    forget (id) { kept.delete(id) }
  }
}
