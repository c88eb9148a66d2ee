// Fills the store of a launcher that does not run yet.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createIdGenerator } from '../launcher/jobs/job-id.ts'
import { openStore } from '../launcher/jobs/store/store.ts'

const GROUP = 2000

/** Stores ended jobs with the launcher's own store. */
export async function fillStore (scratchPath: string, size: number): Promise<void> {
  mkdirSync(scratchPath, { recursive: true, mode: 0o700 })
  const store = openStore(join(scratchPath, 'jobs.db'))
  const newId = createIdGenerator()
  for (let first = 0; first < size; first += GROUP) {
    await Promise.all(
      Array.from({ length: GROUP }, async (_, index) => {
        const n = first + index
        const submission = { name: `job ${n}`, exe: '/bin/true', tags: ['bench', ...(n % 10 === 0 ? ['tenth'] : [])] }
        const { job } = await store.insert({
          id: newId(),
          user: `user-${n % 10}`,
          cluster: 'Local',
          submission,
          submissionTime: Date.now()
        })
        await store.change(job.id, { status: n % 20 === 0 ? 'Failed' : 'Finished', exitCode: 0 })
      })
    )
  }
  await store.close()
}
