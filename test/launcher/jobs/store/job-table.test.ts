import { DatabaseSync } from 'node:sqlite'
import { statSync } from 'node:fs'
import t from 'tap'
import { newId, sampleJob } from '../../../fixtures/sample-job.ts'
import { add } from '../../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'

t.test('a recovered job is stored with its key, unless another job has the key', async t => {
  const { store } = await temporaryStore(t)
  const idempotency = { user: 'ann', key: 'k', bodyHash: 'h' }
  const lost = await store.insertRecovered({ ...sampleJob(), idempotency })
  t.equal(store.repeated(idempotency)!.id, lost.id)
  const other = await store.insertRecovered({ ...sampleJob(), idempotency: { ...idempotency, bodyHash: 'i' } })
  t.ok(store.get(other.id))
  t.equal(store.repeated(idempotency)!.id, lost.id)
})

t.test('a change of a job does not write its submission again', async t => {
  const { store, file } = await temporaryStore(t)
  const logBytes = (): number => statSync(`${file}-wal`).size
  const { job: { id } } = await store.insert(sampleJob({ submission: { name: 'n', stdin: 'x'.repeat(1_000_000) } }))
  const before = logBytes()
  t.ok(before > 1_000_000)
  await store.change(id, { status: 'Running', startTime: 1, message: 'It runs.' })
  await store.setIntent(id, { operation: 'stop', at: 2 })
  await store.change(id, { status: 'Finished', exitCode: 0 })
  const written = logBytes() - before
  t.ok(written > 0 && written < 200_000, `${written} bytes`)
})

t.test('an intent is in the job that is read next, and no other job has it', async t => {
  const { store } = await temporaryStore(t)
  const [{ id }, other] = [await add(store), await add(store)]
  const before = store.get(id)
  await store.setIntent(id, { operation: 'stop', at: 2 })
  t.strictSame(store.get(id), { ...before, intent: { operation: 'stop', at: 2 } })
  t.equal(store.get(other.id)?.intent, undefined)
  await store.setIntent(id, undefined)
  t.strictSame(store.get(id), before)
})

t.test('a removed job leaves nothing but its removal, and its key, which is refused', async t => {
  const { store, file } = await temporaryStore(t)
  const idempotency = { user: 'ann', key: 'k', bodyHash: 'h' }
  const { job } = await store.insert({ ...sampleJob({ submission: { name: 'n', tags: ['x'] } }), idempotency })
  await add(store)
  await store.remove(job.id)
  t.equal(store.get(job.id), undefined)
  t.strictSame(store.list({ tags: ['x'] }, 10), [])
  t.match(store.transitionsAfter(0, 10), [{ status: 'Pending' }, { removed: 'deleted', job: { id: job.id } }])
  const reader = new DatabaseSync(file, { readOnly: true })
  t.teardown(() => reader.close())
  for (const [table, column] of [
    ['jobs', 'id'],
    ['submissions', 'job_id'],
    ['ended_jobs', 'job_id'],
    ['job_tags', 'job_id'],
    ['transitions', 'removed IS NULL AND job_id'],
    ['idempotency_keys', 'job_id']
  ] as const) {
    t.strictSame(reader.prepare(`SELECT * FROM ${table} WHERE ${column} = ?`).all(job.id), [], table)
  }
  t.throws(() => store.repeated(idempotency), { code: 'JobRemoved' })
  await t.rejects(store.insert({ ...sampleJob(), idempotency }), { code: 'JobRemoved' })
  await t.rejects(store.insert({ ...sampleJob(), idempotency: { ...idempotency, bodyHash: 'other' } }), {
    code: 'IdempotencyKeyReused'
  })
  await store.remove(newId())
})
