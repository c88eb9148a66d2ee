import t from 'tap'
import { startExpiry } from '../../../launcher/jobs/expiry.ts'
import type { Store } from '../../../launcher/jobs/store/store.ts'
import type { Job } from '../../../launcher/model/job.ts'
import type { JobStatus } from '../../../launcher/model/status.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { silentLog } from '../../fixtures/scripted-plugin.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

async function ended (store: Store, endTime: number, status: JobStatus = 'Finished'): Promise<Job> {
  const { job } = await store.insert(sampleJob())
  return (await store.change(job.id, { status, endTime }))!
}

/** Runs rounds until this many jobs are removed, then ends them. */
async function run (
  store: Store,
  count: number,
  { now, expiryMs, forget }: { now: number; expiryMs: number; forget?: (id: string) => Promise<void> }
): Promise<string[]> {
  const forgotten: string[] = []
  const enough = Promise.withResolvers<void>()
  const alive = setInterval(() => {}, 60_000)
  const stop = startExpiry({
    store,
    log: silentLog,
    now: () => now,
    expiryMs: () => expiryMs,
    async remove (id) {
      await forget?.(id)
      await store.remove(id)
      forgotten.push(id)
      if (forgotten.length === count) enough.resolve()
    }
  })
  await enough.promise
  await stop()
  clearInterval(alive)
  return forgotten
}

t.test('a job is removed when it ended longer ago than the expiry; a running job never is', async t => {
  const { store } = await temporaryStore(t)
  const old = await ended(store, 1000)
  const failed = await ended(store, 2000, 'Failed')
  const young = await ended(store, 9000)
  const { job: waiting } = await store.insert(sampleJob({ submissionTime: 0 }))
  const { job: running } = await store.insert(sampleJob({ submissionTime: 0 }))
  await store.change(running.id, { status: 'Running', startTime: 0 })
  t.strictSame(await run(store, 2, { now: 3500, expiryMs: 1000 }), [old.id, failed.id])
  t.strictSame(store.list({}, 10).map(({ id }) => id), [running.id, waiting.id, young.id])
})

t.test('more jobs than fit in one round are all removed', async t => {
  const { store } = await temporaryStore(t)
  await Promise.all(Array.from({ length: 250 }, () => ended(store, 1)))
  t.equal((await run(store, 250, { now: 5000, expiryMs: 1000 })).length, 250)
  t.strictSame(store.list({}, 10), [])
})

t.test('a job that cannot be removed does not keep others', async t => {
  const { store } = await temporaryStore(t)
  const stuck = await ended(store, 1)
  const other = await ended(store, 2)
  t.strictSame(await run(store, 1, {
    now: 5000,
    expiryMs: 1000,
    async forget (id) { if (id === stuck.id) throw new TypeError('busy') }
  }), [other.id])
  t.ok(store.get(stuck.id))
})

t.test('ending waits for removals under way and starts no more', async t => {
  const { store } = await temporaryStore(t)
  await ended(store, 1)
  await ended(store, 2)
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const alive = setInterval(() => {}, 60_000)
  let calls = 0
  const stop = startExpiry({
    store,
    log: silentLog,
    now: () => 5000,
    expiryMs: () => 1000,
    async remove () {
      calls++
      begun.resolve()
      await gate.promise
    }
  })
  await begun.promise
  let over = false
  const stopped = stop().then(() => { over = true })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(over, false)
  gate.resolve()
  await stopped
  t.equal(calls, 1)
  clearInterval(alive)
})
