import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { jobsAmong } from '../../../fixtures/jobs-of.ts'
import { add } from '../../../fixtures/stored-jobs.ts'
import { temporaryFolder, temporaryStore } from '../../../fixtures/temporary-store.ts'

t.test('transitions are jobs as they were then', async t => {
  let time = 0
  const { store } = await temporaryStore(t, {}, () => ++time)
  const job = await add(store)
  await store.change(job.id, { message: 'It waits.' })
  await store.change(job.id, { status: 'Running', message: undefined })
  await store.change(job.id, { status: 'Finished', exitCode: 3, reason: 'Exited', message: 'It ended.' })
  const published = jobsAmong(store.transitionsAfter(0, 10))
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
  t.equal(store.revision(), 3)
  t.equal((await add(store)).revision, 4)
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

t.test('the removal of a job is in the place of its transitions', async t => {
  const { store } = await temporaryStore(t)
  const [kept, gone] = [await add(store), await add(store, { submission: { name: 'gone', tags: ['x'] } })]
  await store.change(gone.id, { status: 'Finished' })
  await store.remove(gone.id, 'expired')
  const { user, cluster, submissionTime } = gone
  t.match(store.transitionsAfter(0, 10), [{ id: kept.id, revision: 1 }, {
    removed: 'expired',
    job: { id: gone.id, user, cluster, submissionTime, submission: { name: 'gone', tags: ['x'] } },
    revision: 4
  }])
  t.strictSame([store.revision(), store.lastRevision()], [4, 4])
})

t.test('what a job was before a transition is known until it is removed', async t => {
  const { store } = await temporaryStore(t)
  const job = await add(store)
  await add(store)
  const waiting = await store.change(job.id, { reason: 'Queued', message: 'It waits.' })
  const running = await store.change(job.id, { status: 'Running', reason: undefined, message: undefined })
  t.equal(store.before(job), undefined)
  t.match(store.before(waiting!), { status: 'Pending', reason: undefined, message: undefined })
  t.match(store.before(running!), { id: job.id, status: 'Pending', reason: 'Queued', message: 'It waits.' })
  await store.change(job.id, { status: 'Finished' })
  await store.remove(job.id)
  t.equal(store.before(running!), undefined)
})

t.test('a revision is resumable if the store gave it out and has everything since', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const store = openStore(file)
  t.ok(store.isResumable(0), 'nothing has happened yet')
  t.notOk(store.isResumable(1))
  const gone = await add(store)
  await add(store)
  await store.change(gone.id, { status: 'Failed' })
  await store.remove(gone.id)
  t.strictSame([0, 1, 2, 3, 4, 5].map(store.isResumable), [true, true, true, true, true, false])
  await store.close()
  const copy = openStore(file, { firstRevision: 5_000_000 })
  const resumable = (): boolean[] => [4, 5, 1_000_004, 4_999_999, Infinity].map(copy.isResumable)
  t.strictSame(resumable(), [true, false, false, false, false])
  t.equal(copy.lastRevision(), 4, 'a stream of a list that is read now is resumable')
  await add(copy)
  t.strictSame(resumable(), [true, false, false, false, false], 'a later state of the database gave these out')
  t.ok(copy.isResumable(5_000_001))
  await copy.close()
})
