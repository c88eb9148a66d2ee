import t from 'tap'
import { startExpiry } from '../../../launcher/jobs/expiry.ts'
import { KEY_MS } from '../../../launcher/jobs/store/removed-keys.ts'
import type { Store } from '../../../launcher/jobs/store/store.ts'
import type { Job } from '../../../launcher/model/job.ts'
import type { JobStatus } from '../../../launcher/model/status.ts'
import { clockedStore } from '../../fixtures/clocked-store.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { silentLog } from '../../fixtures/scripted-plugin.ts'

const EXPIRY_MS = 1000

async function ended (store: Store, status: JobStatus = 'Finished'): Promise<Job> {
  const { job } = await store.insert(sampleJob())
  return (await store.change(job.id, { status }))!
}

/** Runs rounds until this many jobs are removed, then ends them. */
async function run (
  store: Store,
  count: number,
  { forget, historyMs = 0 }: { forget?: (id: string) => Promise<void>, historyMs?: number } = {}
): Promise<string[]> {
  const forgotten: string[] = []
  const enough = Promise.withResolvers<void>()
  const alive = setInterval(() => {}, 60_000)
  const stop = startExpiry({
    store,
    log: silentLog,
    expiryMs: () => EXPIRY_MS,
    historyMs: () => historyMs,
    expireOutput: store.expireOutput,
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
  const { store, pass } = await clockedStore(t)
  const { job: waiting } = await store.insert(sampleJob({ submissionTime: 0 }))
  const { job: running } = await store.insert(sampleJob({ submissionTime: 0 }))
  await store.change(running.id, { status: 'Running', startTime: 0 })
  const old = await ended(store)
  pass(1)
  const failed = await ended(store, 'Failed')
  pass(EXPIRY_MS)
  const young = await ended(store)
  pass(1)
  t.strictSame(await run(store, 2), [old.id, failed.id])
  t.strictSame(store.list({}, 10).map(({ id }) => id).sort(), [waiting.id, running.id, young.id].sort())
})

t.test('more jobs than fit in one round are all removed', async t => {
  const { store, pass } = await clockedStore(t)
  await Promise.all(Array.from({ length: 250 }, () => ended(store)))
  pass(EXPIRY_MS + 1)
  t.equal((await run(store, 250)).length, 250)
  t.strictSame(store.list({}, 10), [])
})

t.test('a job that cannot be removed does not keep others', async t => {
  const { store, pass } = await clockedStore(t)
  const stuck = await ended(store)
  pass(1)
  const other = await ended(store)
  pass(EXPIRY_MS + 1)
  t.strictSame(await run(store, 1, {
    async forget (id) { if (id === stuck.id) throw new TypeError('busy') }
  }), [other.id])
  t.ok(store.get(stuck.id))
})

t.test('a job stays without its output until its history is over, and beyond the largest history', async t => {
  const { store, pass } = await clockedStore(t)
  const first = await ended(store)
  pass(EXPIRY_MS + 1)
  const last = await ended(store)
  const expired = Promise.withResolvers<void>()
  const alive = setInterval(() => {}, 60_000)
  const removed: string[] = []
  const gone = Promise.withResolvers<void>()
  const stop = startExpiry({
    store,
    log: silentLog,
    expiryMs: () => EXPIRY_MS,
    historyMs: () => 10 * EXPIRY_MS,
    async expireOutput (id) {
      await store.expireOutput(id)
      await store.moveToHistory(id)
      expired.resolve()
    },
    async remove (id) {
      removed.push(id)
      await store.remove(id)
      gone.resolve()
    }
  })
  await expired.promise
  t.match([first, last].map(({ id }) => store.get(id)), [{ outputExpired: true }, { outputExpired: undefined }])
  t.strictSame(removed, [])
  pass(9 * EXPIRY_MS)
  await gone.promise
  await stop()
  clearInterval(alive)
  t.strictSame(removed, [first.id])
})

t.test('keys of removed jobs are forgotten a day later, and the time is stored', async t => {
  const { store, pass } = await clockedStore(t)
  const idempotency = { user: '', key: 'k', bodyHash: 'h' }
  const { job } = await store.insert({ ...sampleJob(), idempotency })
  await store.change(job.id, { status: 'Finished' })
  await store.remove(job.id)
  await ended(store)
  pass(KEY_MS + 1)
  const saved = Promise.withResolvers<void>()
  await run({ ...store, async saveTime () { saved.resolve() } }, 1)
  await saved.promise
  t.equal(store.repeated(idempotency), undefined)
})

t.test('ending waits for removals under way and starts no more', async t => {
  const { store, pass } = await clockedStore(t)
  await ended(store)
  await ended(store)
  pass(EXPIRY_MS + 1)
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const alive = setInterval(() => {}, 60_000)
  let calls = 0
  const stop = startExpiry({
    store,
    log: silentLog,
    expiryMs: () => EXPIRY_MS,
    historyMs: () => 0,
    expireOutput: store.expireOutput,
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
