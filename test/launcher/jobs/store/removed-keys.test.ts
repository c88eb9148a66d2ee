import t from 'tap'
import { openDatabase } from '../../../../launcher/jobs/store/database.ts'
import { createRemovedKeys, KEY_MS } from '../../../../launcher/jobs/store/removed-keys.ts'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'

const keyOf = (key: string) => ({ user: 'ann', key, bodyHash: 'h' })

function scene (t: { teardown (clean: () => unknown): void }) {
  const time = { boot: 'b', ms: 0 }
  const store = openStore(':memory:', {}, () => 1_700_000_000_000, () => ({ ...time }))
  t.teardown(() => store.close())
  return {
    time,
    store,
    async removed (key: string): Promise<string> {
      const { job: { id } } = await store.insert({ ...sampleJob(), idempotency: keyOf(key) })
      await store.change(id, { status: 'Finished', reason: 'Exited', exitCode: 3 })
      await store.remove(id)
      return id
    }
  }
}

t.test('the key of a removed job is kept for 24 hours, with the id and the outcome of the job', async t => {
  const { time, store, removed } = scene(t)
  const jobId = await removed('k')
  const refusal = {
    code: 'JobRemoved',
    message: `The Idempotency-Key was used for job ${jobId}, which has ended and was removed.`,
    details: {
      jobId,
      outcome: { status: 'Finished', reason: 'Exited', exitCode: 3 },
      endTime: '2023-11-14T22:13:20.000Z'
    }
  }
  time.ms += KEY_MS
  t.equal(await store.forgetOldKeys(), 0)
  t.throws(() => store.repeated(keyOf('k')), refusal)
  t.throws(() => store.requireUnused({ user: 'ann', key: 'k' }), refusal)
  t.throws(() => store.repeated({ ...keyOf('k'), bodyHash: 'other' }), { code: 'IdempotencyKeyReused' })
  t.equal(store.repeated({ ...keyOf('k'), user: 'bob' }), undefined, 'a key belongs to its user')
  time.ms += 1
  t.equal(await store.forgetOldKeys(), 1)
  t.equal(store.repeated(keyOf('k')), undefined)
  t.equal(await store.forgetOldKeys(), 0)
})

t.test('a job that was removed before it had ended keeps its key without an end', async t => {
  const { store } = scene(t)
  const { job: { id } } = await store.insert({ ...sampleJob(), idempotency: keyOf('k') })
  await store.remove(id)
  t.throws(() => store.repeated(keyOf('k')), { code: 'JobRemoved', details: { outcome: { status: 'Pending' } } })
})

t.test('beyond a number of keys, the oldest are forgotten', async t => {
  const database = openDatabase(':memory:')
  t.teardown(database.close)
  const { sqlite, write } = database
  let now = 0
  const open = () => createRemovedKeys(database, { now: () => now }, 2)
  const keys = open()
  const add = (key: string) => write(() => {
    sqlite.exec(`
      INSERT INTO jobs (id, user, cluster, submission_time, status, revision, last_update_time)
      VALUES ('${key}', 'ann', 'Local', 1, 'Finished', 1, 1);
      INSERT INTO idempotency_keys (user, key, body_hash, job_id) VALUES ('ann', '${key}', 'h', '${key}');`)
    now++
    keys.keep(key)
  })
  for (const key of ['a', 'b']) await add(key)
  t.equal(await keys.forgetOldKeys(), 0)
  for (const key of ['c', 'd']) await add(key)
  t.equal(await keys.forgetOldKeys(), 2)
  t.equal(await open().forgetOldKeys(), 0)
  const isKept = (key: string): boolean => {
    try {
      keys.requireUnused({ user: 'ann', key })
      return false
    } catch {
      return true
    }
  }
  t.strictSame(['a', 'b', 'c', 'd'].filter(isKept), ['c', 'd'])
})
