import t from 'tap'
import { failWaiting } from '../../../launcher/jobs/restored.ts'
import { openStore } from '../../../launcher/jobs/store/store.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

t.test('the jobs that waited in a copy fail, and those that were handed over do not', async t => {
  const store = openStore(':memory:')
  t.teardown(() => store.close())
  const waiting = sampleJob()
  const handedOver = sampleJob({ submittedToBackend: true })
  for (const job of [waiting, handedOver]) await store.insert(job)
  t.equal(await failWaiting(store, () => 1_700_000_001_000), 1)
  t.match(store.get(waiting.id), {
    status: 'Failed',
    reason: 'RestoredFromCopy',
    message: /a copy or a backup/,
    endTime: 1_700_000_001_000
  })
  t.match(store.get(handedOver.id), { status: 'Pending' })
  t.equal(await failWaiting(store), 0)
})
