import t from 'tap'
import { createIntents, type Intents } from '../../../../launcher/jobs/store/intents.ts'
import type { Intent } from '../../../../launcher/model/intent.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'

const job = sampleJob()
const stop: Intent = { operation: 'stop', at: 1 }
const kill: Intent = { operation: 'kill', at: 2 }

/** Intents whose writes fail while `full` is true, and what is stored. */
function intentsOnDisk (): { intents: Intents, stored: Map<string, Intent | undefined>, disk: { full: boolean } } {
  const stored = new Map<string, Intent | undefined>()
  const disk = { full: false }
  const intents = createIntents({
    async write (work) {
      if (disk.full) throw new Error('no room')
      return work()
    }
  }, { updateIntent (id, intent) { stored.set(id, intent) } })
  return { intents, stored, disk }
}

t.test('a kept intent is on the job until it is stored or taken back', async t => {
  const { intents, stored, disk } = intentsOnDisk()
  t.equal(intents.withKept(job), job)
  disk.full = true
  intents.keepIntent(job.id, stop)
  await t.rejects(intents.storeKeptIntent(job.id))
  t.strictSame(intents.withKept(job), { ...job, intent: stop })
  disk.full = false
  await intents.storeKeptIntent(job.id)
  t.strictSame(stored.get(job.id), stop)
  t.equal(intents.withKept(job), job)
  intents.keepIntent(job.id, kill)
  intents.keepIntent(job.id, undefined)
  await intents.storeKeptIntent(job.id)
  t.strictSame(stored.get(job.id), stop, 'nothing is left to store')
})

t.test('a kept intent ends with a change of the job that stored it, and with the job', async t => {
  const { intents } = intentsOnDisk()
  intents.keepIntent(job.id, stop)
  intents.stored({ ...job, intent: kill })
  t.strictSame(intents.withKept(job).intent, stop, 'a change with another intent did not store it')
  intents.stored({ ...job, intent: stop })
  t.equal(intents.withKept(job), job)
  intents.keepIntent(job.id, stop)
  intents.forget(job.id)
  t.equal(intents.withKept(job), job)
})
