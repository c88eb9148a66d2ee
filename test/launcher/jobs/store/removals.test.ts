import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../../../launcher/jobs/store/database.ts'
import { createRemovals, isRemoved, REMOVAL_MS } from '../../../../launcher/jobs/store/removals.ts'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import { add } from '../../../fixtures/stored-jobs.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

t.test('removals are kept for a day, and what was forgotten is still known after a restart', async t => {
  const file = join(await temporaryFolder(t), 'db')
  let time = 0
  const store = openStore(file, {}, () => time)
  for (time of [1, 2]) {
    const { id } = await add(store)
    await store.change(id, { status: 'Failed' })
    await store.remove(id)
  }
  const left = (): number => store.transitionsAfter(0, 10).filter(isRemoved).length
  time = REMOVAL_MS + 1
  t.equal(await store.forgetOldRemovals(), 0)
  time = REMOVAL_MS + 2
  t.equal(await store.forgetOldRemovals(), 1)
  t.equal(left(), 1)
  await store.close()
  const again = openStore(file)
  t.strictSame([2, 3, 4].map(again.isResumable), [false, true, true], 'the removal with revision 3 is forgotten')
  await again.close()
})

t.test('removals beyond a number are forgotten earlier', async t => {
  const database = openDatabase(':memory:')
  t.teardown(database.close)
  const removals = createRemovals(database, () => 0, 3)
  const job = { ...sampleJob(), status: 'Failed', revision: 1, lastUpdateTime: 1, submittedToBackend: true } as const
  const revisions: number[] = []
  await database.write(() => { for (let i = 0; i < 5; i++) revisions.push(removals.add(job, 'deleted').revision) })
  t.strictSame(revisions, [1, 2, 3, 4, 5])
  t.equal(await removals.forgetOldRemovals(), 2)
  t.equal(removals.completeAfter(), 2)
  t.equal(await removals.forgetOldRemovals(), 0)
})
