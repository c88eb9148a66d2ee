import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { add } from '../../../fixtures/stored-jobs.ts'
import { temporaryFolder, temporaryStore } from '../../../fixtures/temporary-store.ts'

t.test('transitions are jobs as they were then', async t => {
  let time = 0
  const { store } = await temporaryStore(t, {}, () => ++time)
  const job = await add(store)
  await store.change(job.id, { message: 'It waits.' })
  await store.change(job.id, { status: 'Running', message: undefined })
  await store.change(job.id, { status: 'Finished', exitCode: 3, reason: 'Exited', message: 'It ended.' })
  const published = store.transitionsAfter(0, 10)
  t.strictSame(
    published.map(({ status, message, exitCode, revision, lastUpdateTime }) => [
      status,
      message,
      exitCode,
      revision,
      lastUpdateTime
    ]),
    [
      ['Pending', undefined, undefined, 1, 1],
      ['Pending', 'It waits.', undefined, 2, 2],
      ['Running', undefined, undefined, 3, 3],
      ['Finished', 'It ended.', 3, 4, 5]
    ]
  )
  t.strictSame(
    store.transitionsAfter(2, 1).map(({ revision }) => revision),
    [3]
  )
  t.strictSame(store.transitionsAfter(4, 10), [])
})

t.test('revisions continue to grow after the newest job was removed', async t => {
  const { store } = await temporaryStore(t)
  await add(store)
  const newest = await add(store)
  await store.remove(newest.id)
  t.equal(store.revision(), 2)
  t.equal((await add(store)).revision, 3)
})

t.test('revisions of a store begin after the given one, and never again', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const store = openStore(file, { firstRevision: 5000 })
  t.equal(store.revision(), 5000)
  t.equal((await add(store)).revision, 5001)
  await store.close()
  for (const [firstRevision, revision] of [[6000, 1_005_001], [9_000_000, 9_000_000]] as const) {
    const again = openStore(file, { firstRevision })
    t.equal(again.revision(), revision)
    await again.close()
  }
})
