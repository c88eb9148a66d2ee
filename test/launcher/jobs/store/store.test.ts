import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { isRemoved } from '../../../../launcher/jobs/store/removals.ts'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { newId, sampleJob } from '../../../fixtures/sample-job.ts'
import { add, idsOf, seenOf } from '../../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'
import type { Idempotency } from '../../../../launcher/model/idempotency.ts'
import type { JobSubmission } from '../../../../launcher/model/job.ts'

t.test('a stored job is returned unchanged', async t => {
  const { store, file } = await temporaryStore(t, {}, () => 2000)
  const submission: JobSubmission = {
    name: 'n',
    command: 'true',
    tags: ['a', 'a', 'b'],
    secrets: [{ name: 'S', value: 'ü\n"' }],
    metadata: { x: [1, null] }
  }
  const idempotency = { user: '', key: 'k', bodyHash: 'h' }
  const job = await add(store, { submission, idempotency })
  t.equal(job.status, 'Pending')
  t.equal(job.revision, 1)
  t.equal(job.lastUpdateTime, 2000)
  t.strictSame(store.get(job.id), job)
  t.strictSame(store.get(job.id)!.submission, { exe: 'e', ...submission })
  t.equal(store.get(newId()), undefined)
  await store.close()
  const again = openStore(file)
  t.teardown(() => again.close())
  t.strictSame(again.get(job.id), job, 'also from the file')
})

t.test('a recovered job keeps its requested operation', async t => {
  const { store } = await temporaryStore(t)
  const id = newId()
  await store.insert({
    id,
    user: 'ann',
    cluster: 'Local',
    submissionTime: 1,
    submission: { name: 'n' },
    submittedToBackend: true,
    intent: { operation: 'stop', at: 5 }
  })
  t.match(store.get(id), { submittedToBackend: true, intent: { operation: 'stop', at: 5 } })
})

t.test('a repeated submission returns the first job; another body is refused; keys of others are separate', async t => {
  const { store } = await temporaryStore(t)
  const insert = (idempotency: Idempotency) => store.insert({ ...sampleJob(), idempotency })
  const first = await insert({ user: 'ann', key: 'k', bodyHash: 'h' })
  t.equal(first.created, true)
  t.strictSame(await insert({ user: 'ann', key: 'k', bodyHash: 'h' }), { job: first.job, created: false })
  await t.rejects(insert({ user: 'ann', key: 'k', bodyHash: 'other' }), {
    code: 'IdempotencyKeyReused',
    message: new RegExp(first.job.id)
  })
  t.equal((await insert({ user: 'bob', key: 'k', bodyHash: 'other' })).created, true)
  const both = await Promise.all([
    insert({ user: 'ann', key: 'new', bodyHash: 'h' }),
    insert({ user: 'ann', key: 'new', bodyHash: 'h' })
  ])
  t.strictSame(
    both.map(({ created }) => created),
    [true, false],
    'also in one commit'
  )
  t.equal(both[0]!.job.id, both[1]!.job.id)
  t.equal(store.list({}, 100).length, 3)
  await store.change(first.job.id, { status: 'Running' })
  t.equal((await insert({ user: 'ann', key: 'k', bodyHash: 'h' })).job.status, 'Running', 'the first job as it is now')
})

t.test('a change that the table forbids, or that changes nothing, is void and makes no revision', async t => {
  const { store } = await temporaryStore(t)
  const job = await add(store)
  t.equal(await store.change(newId(), { status: 'Running' }), undefined, 'no such job')
  t.equal(await store.change(job.id, { status: 'Suspended' }), undefined, 'Pending to Suspended')
  t.equal(await store.change(job.id, { status: 'Killed', exitCode: 1 }), undefined, 'Pending to Killed')
  t.equal(await store.change(job.id, {}), undefined, 'nothing')
  t.equal(await store.change(job.id, { status: 'Pending', reason: undefined }), undefined, 'the same')
  t.equal(store.revision(), 1)
  t.strictSame(store.get(job.id), job)
  await store.change(job.id, { status: 'Finished', exitCode: 0 })
  t.equal(
    await store.change(job.id, { status: 'Failed', exitCode: 1, message: 'm' }),
    undefined,
    'a verdict is written once'
  )
  t.match(store.get(job.id), { status: 'Finished', exitCode: 0 })
})

t.test('an end has a time: the given one, or now', async t => {
  const { store } = await temporaryStore(t, {}, () => 77)
  const given = await add(store)
  const taken = await add(store)
  t.equal((await store.change(given.id, { status: 'Finished', endTime: 5 }))!.endTime, 5)
  t.equal((await store.change(taken.id, { status: 'Failed' }))!.endTime, 77)
})

t.test('a reopened store has everything, and continues its revisions', async t => {
  const { store, file } = await temporaryStore(t)
  const job = await add(store, { submission: { tags: ['x'] } })
  await store.change(job.id, { status: 'Running', pid: 3 })
  await store.setIntent(job.id, { operation: 'stop', at: 1 })
  const before = store.get(job.id)
  await store.close()
  const reopened = openStore(file)
  t.teardown(() => reopened.close())
  t.strictSame(reopened.get(job.id), before)
  t.strictSame(idsOf(reopened.list({ tags: ['x'] }, 10)), [job.id])
  t.equal(reopened.transitionsAfter(0, 10).length, 2)
  t.equal(
    (await add(reopened)).revision,
    1_000_003,
    'revisions that were published but lost from the disk are not used again'
  )
})

t.test(
  'transitions are published in order: new jobs and ends after the sync, the rest at the commit',
  async t => {
    const published: string[][] = []
    const { store } = await temporaryStore(t, {
      onTransitions: jobs => {
        published.push(seenOf(jobs))
      }
    })
    const [a, b] = await Promise.all([add(store), add(store)])
    t.strictSame(published, [[`${a!.id} Pending 1`, `${b!.id} Pending 2`]])
    await Promise.all([
      store.change(a!.id, { status: 'Running' }),
      store.change(a!.id, { submittedToBackend: true }),
      store.change(a!.id, { status: 'Failed' })
    ])
    t.strictSame(published.slice(1), [[`${a!.id} Running 3`], [`${a!.id} Failed 4`]])
    await store.setIntent(b!.id, undefined)
    t.equal(published.length, 3)
  }
)

t.test('each change is passed on once, also one that no stream shows, in order and before its event', async t => {
  const seen: string[] = []
  const { store } = await temporaryStore(t, {
    onChanged: jobs => { seen.push(...jobs.map(({ status, host }) => `${status} ${host}`)) },
    onTransitions: jobs => { seen.push(...jobs.map(job => isRemoved(job) ? 'removed' : `event ${job.status}`)) }
  })
  const { id } = await add(store)
  await Promise.all([
    store.change(id, { status: 'Running' }),
    store.change(id, { host: 'node-a' }),
    store.change(id, { host: 'node-a' }),
    store.change(id, { status: 'Finished' })
  ])
  await store.remove(id)
  t.strictSame(seen, [
    'Pending undefined', 'event Pending',
    'Running undefined', 'Running node-a', 'event Running',
    'Finished node-a', 'event Finished',
    'removed'
  ])
})

t.test('a failed write is not published, costs no revision, and does not stop the store', async t => {
  const published: string[] = []
  const outcomes: boolean[] = []
  const { store, file } = await temporaryStore(t, {
    onCommit: (_seconds, ok) => {
      outcomes.push(ok)
    },
    onTransitions: jobs => {
      published.push(...seenOf(jobs))
    }
  })
  const first = await add(store)
  const other = new DatabaseSync(file)
  t.teardown(() => other.close())
  other.exec("CREATE TRIGGER broken BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'no room'); END")
  const outcome = await Promise.allSettled([store.change(first.id, { status: 'Running' }), add(store)])
  for (const { status, reason } of outcome as PromiseRejectedResult[]) {
    t.equal(status, 'rejected')
    t.match(reason, { code: 'StoreUnavailable', message: /no room/ })
  }
  t.strictSame(outcomes, [true, false])
  t.equal(store.get(first.id)!.status, 'Pending')
  other.exec('DROP TRIGGER broken')
  const after = await add(store)
  t.equal(after.revision, 2)
  t.strictSame(published, [`${first.id} Pending 1`, `${after.id} Pending 2`])
})

t.test('a change that changes nothing costs no commit', async t => {
  let commits = 0
  const { store } = await temporaryStore(t, { onCommit: () => { commits += 1 } })
  const job = await add(store)
  await store.change(job.id, { status: 'Running', host: 'node-a' })
  t.equal(commits, 2)
  t.equal(await store.change(job.id, { status: 'Running', host: 'node-a' }), undefined)
  await store.change(job.id, { status: 'Finished', exitCode: 0 })
  t.equal(await store.change(job.id, { status: 'Running' }), undefined, 'an ended job does not change')
  t.equal(await store.change('missing', { status: 'Running' }), undefined)
  t.equal(commits, 3)
})

t.test('changes that streams do not show are stored without a revision', async t => {
  const { store } = await temporaryStore(t)
  const job = await add(store)
  t.match(await store.change(job.id, { submittedToBackend: true }), { submittedToBackend: true, revision: 1 })
  t.match(await store.change(job.id, { pid: 7, host: 'h' }), { pid: 7, host: 'h', revision: 1 })
  await store.setIntent(job.id, { operation: 'cancel', at: 9 })
  t.match(store.get(job.id), {
    submittedToBackend: true,
    pid: 7,
    host: 'h',
    intent: { operation: 'cancel', at: 9 },
    revision: 1
  })
  await store.setIntent(job.id, undefined)
  t.equal(store.get(job.id)!.intent, undefined)
  t.equal(store.revision(), 1)
})
