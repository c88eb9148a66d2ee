import t from 'tap'
import { newArray, add, idsOf } from '../../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'

const idempotency = { user: '', key: 'k', bodyHash: 'h' }

t.test('the jobs of an array are found by its id, each with its index and the key', async t => {
  const { store } = await temporaryStore(t)
  await add(store)
  const { jobs, created } = await store.insertAll(newArray(3, idempotency))
  const { id } = jobs[0]!
  t.equal(created, true)
  t.strictSame(store.idsOfArray(id), idsOf(jobs))
  t.strictSame(idsOf(store.list({ arrays: [id] }, 10)), idsOf(jobs).reverse())
  t.strictSame(idsOf(store.list({ idempotency }, 10)), idsOf(jobs).reverse())
  t.strictSame(store.list({ arrays: [id] }, 10, undefined, { withSubmission: false }).map(({ array }) => array), [
    { id, index: 2, count: 3 }, { id, index: 1, count: 3 }, { id, index: 0, count: 3 }
  ])
  for (const job of store.list({ arrays: [id] }, 10)) t.strictSame(job.idempotency, idempotency)
})

t.test('an array whose last job cannot be stored leaves no job behind', async t => {
  const { store } = await temporaryStore(t)
  const { id } = await add(store)
  const jobs = newArray(3, idempotency)
  jobs[2]!.id = id
  await t.rejects(store.insertAll(jobs), { code: 'StoreUnavailable' })
  t.strictSame(idsOf(store.list({}, 10)), [id])
  t.equal(store.repeated(idempotency), undefined)
  t.equal((await store.insertAll(newArray(3, idempotency))).created, true)
})

t.test('a repeat finds the jobs that are left, and is refused once all are removed', async t => {
  const { store } = await temporaryStore(t)
  const { jobs: [first, second, third] } = await store.insertAll(newArray(3, idempotency))
  const again = async () => await store.insertAll(newArray(3, idempotency))
  t.match(await again(), { jobs: [{ id: first!.id }], created: false })
  await store.remove(first!.id)
  const repeat = await again()
  t.equal(repeat.created, false)
  t.equal(repeat.jobs[0]!.array!.id, first!.id)
  t.strictSame(store.idsOfArray(first!.id), [second!.id, third!.id])
  t.strictSame(idsOf(store.list({ idempotency }, 10)), [third!.id, second!.id])
  t.throws(() => store.repeated({ ...idempotency, bodyHash: 'i' }), { code: 'IdempotencyKeyReused' })
  await store.remove(third!.id)
  await store.remove(second!.id)
  await t.rejects(again(), {
    code: 'JobRemoved',
    message: `The Idempotency-Key was used for the array ${first!.id}, whose 3 jobs have ended and were removed.`,
    details: { array: { id: first!.id, count: 3 } }
  })
})

t.test('jobs of an array that the store has lost are recovered with their array and its key', async t => {
  const { store } = await temporaryStore(t)
  const [, second, third] = newArray(3, idempotency)
  await store.insertRecovered(third!)
  await store.insertRecovered(second!)
  t.strictSame(store.idsOfArray(second!.array.id), [second!.id, third!.id])
  t.match(await store.insertAll(newArray(3, idempotency)), { jobs: [{ array: second!.array }], created: false })
})
