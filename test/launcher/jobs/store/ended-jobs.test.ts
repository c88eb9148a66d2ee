import { join } from 'node:path'
import t from 'tap'
import { openStore, type Store } from '../../../../launcher/jobs/store/store.ts'
import { clockedStore } from '../../../fixtures/clocked-store.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { makeVersion2 } from '../../../fixtures/version-2.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

async function ended (store: Store, endTime?: number): Promise<string> {
  const { job: { id } } = await store.insert(sampleJob())
  await store.change(id, { status: 'Finished', ...(endTime !== undefined && { endTime }) })
  return id
}

t.test('the jobs that ended first come first, up to a limit', async t => {
  const { store, pass } = await clockedStore(t)
  const first = await ended(store)
  pass(10)
  const second = await ended(store)
  pass(DAY_MS)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [first])
  pass(1)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [first, second])
  t.strictSame(store.endedLongAgo(DAY_MS, 1), [first])
})

t.test('a clock that is ahead for a while makes no job old', async t => {
  const { store, time, pass } = await clockedStore(t)
  const before = await ended(store)
  pass(HOUR_MS)
  time.wall += 3 * DAY_MS
  const during = await ended(store)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [])
  pass(23 * HOUR_MS)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [])
  pass(1)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [before])
  time.wall -= 3 * DAY_MS
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [before], 'the end of the other is in the future')
  pass(HOUR_MS)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [before, during], 'which keeps it no longer')
})

t.test('a clock that is set back keeps a job longer by as much, unless it ended in the future', async t => {
  const { store, time, pass } = await clockedStore(t)
  const id = await ended(store)
  pass(DAY_MS)
  time.wall -= HOUR_MS
  pass(1)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [])
  pass(HOUR_MS)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [id])
  time.wall -= 1000 * DAY_MS
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [id])
})

t.test('a restart loses no time, a restart of the machine the time that it was off', async t => {
  const { store, file, time, pass } = await clockedStore(t)
  const id = await ended(store)
  const reopened = async (work: (store: Store) => void): Promise<void> => {
    const next = openStore(file, {}, () => time.wall, () => ({ boot: time.boot, ms: time.ms }))
    work(next)
    await next.saveTime()
    await next.close()
  }
  pass(23 * HOUR_MS)
  await store.close()
  pass(HOUR_MS)
  await reopened(store => t.strictSame(store.endedLongAgo(DAY_MS, 10), []))
  time.wall += 30 * DAY_MS
  Object.assign(time, { boot: 'second', ms: 5000 })
  await reopened(store => t.strictSame(store.endedLongAgo(DAY_MS, 10), [], 'the clock alone shows that days passed'))
  pass(1)
  await reopened(store => t.strictSame(store.endedLongAgo(DAY_MS, 10), [id]))
})

t.test('a suspended machine counts the time', async t => {
  const { store, pass } = await clockedStore(t)
  const id = await ended(store)
  pass(3 * DAY_MS)
  const later = await ended(store)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [id])
  t.ok(store.get(later))
})

t.test('a job that ended long before the launcher noticed is kept from then on', async t => {
  const { store, time, pass } = await clockedStore(t)
  const id = await ended(store, time.wall - 3 * DAY_MS)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [])
  pass(DAY_MS + 1)
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [id])
})

t.test('a job that ended before an upgrade is kept for its time once more', async t => {
  const file = join(await temporaryFolder(t), 'db')
  makeVersion2(file, `
    INSERT INTO jobs (id, user, cluster, submission, submission_time, status, revision, last_update_time, end_time)
    VALUES ('a', 'ann', 'Local', '{}', 1, 'Finished', 1, 1, 1)`)
  let ms = 5
  const store = openStore(file, {}, undefined, () => ({ boot: 'b', ms }))
  t.teardown(() => store.close())
  ms += DAY_MS
  t.strictSame(store.endedLongAgo(DAY_MS, 10), [])
  ms += 1
  t.strictSame(store.endedLongAgo(DAY_MS, 10), ['a'])
})
