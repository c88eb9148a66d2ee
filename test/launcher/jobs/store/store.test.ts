import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openStore, type Store } from '../../../../launcher/jobs/store/store.ts'
import { newId, sampleJob } from '../../../fixtures/sample-job.ts'
import { temporaryFolder, temporaryStore } from '../../../fixtures/temporary-store.ts'
import type { Idempotency } from '../../../../launcher/model/idempotency.ts'
import type { Job, JobSubmission } from '../../../../launcher/model/job.ts'

interface Wanted {
  id?: string
  user?: string
  cluster?: string
  submission?: Partial<JobSubmission>
  submissionTime?: number
  idempotency?: Idempotency
}

async function add (store: Store, { submission, ...wanted }: Wanted = {}): Promise<Job> {
  const { job } = await store.insert({
    id: newId(),
    user: 'ann',
    cluster: 'Local',
    submissionTime: 1000,
    submission: { name: 'n', exe: 'e', ...submission },
    ...wanted
  })
  return job
}

const idsOf = (jobs: Job[]): string[] => jobs.map(({ id }) => id)
const seenOf = (jobs: Job[]): string[] => jobs.map(({ id, status, revision }) => `${id} ${status} ${revision}`)

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

t.test('a recovered job is stored with its key, unless another job has the key', async t => {
  const { store } = await temporaryStore(t)
  const idempotency = { user: 'ann', key: 'k', bodyHash: 'h' }
  const lost = await store.insertRecovered({ ...sampleJob(), idempotency })
  t.equal(store.repeated(idempotency)!.id, lost.id)
  const other = await store.insertRecovered({ ...sampleJob(), idempotency: { ...idempotency, bodyHash: 'i' } })
  t.ok(store.get(other.id))
  t.equal(store.repeated(idempotency)!.id, lost.id)
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

t.test('each filter and their combinations match the right jobs, newest first', async t => {
  const { store } = await temporaryStore(t)
  const a = await add(store, { user: 'ann', submissionTime: 1000, submission: { tags: ['x', 'y'] } })
  const b = await add(store, { user: 'bob', submissionTime: 2000, submission: { tags: ['x'] } })
  const c = await add(store, { user: 'ann', cluster: 'Kubernetes', submissionTime: 3000 })
  await store.change(b.id, { status: 'Running' })
  const find = (filter: object): string[] => idsOf(store.list(filter, 100))
  const cases: Array<[object, Job[]]> = [
    [{}, [c, b, a]],
    [{ statuses: ['Running'] }, [b]],
    [{ statuses: ['Pending', 'Running'] }, [c, b, a]],
    [{ statuses: ['Failed'] }, []],
    [{ statuses: [] }, []],
    [{ tags: ['x'] }, [b, a]],
    [{ tags: ['x', 'y'] }, [a]],
    [{ tags: ['x', 'z'] }, []],
    [{ tags: [] }, [c, b, a]],
    [{ users: ['ann'] }, [c, a]],
    [{ users: ['ann', 'bob'] }, [c, b, a]],
    [{ users: [] }, []],
    [{ clusters: ['Kubernetes'] }, [c]],
    [{ since: 2000 }, [c, b]],
    [{ until: 2000 }, [b, a]],
    [{ since: 2000, until: 2000 }, [b]],
    [{ id: a.id }, [a]],
    [{ users: ['ann'], tags: ['x'], statuses: ['Pending'], clusters: ['Local'], since: 500, until: 1500 }, [a]],
    [{ users: ['bob'], tags: ['y'] }, []],
    [{ users: ["ann' OR 1=1 --"] }, []]
  ]
  for (const [filter, expected] of cases) t.strictSame(find(filter), idsOf(expected), JSON.stringify(filter))
})

t.test('pages by id neither skip nor repeat a job while others are submitted', async t => {
  const { store } = await temporaryStore(t)
  const jobs = await Promise.all(Array.from({ length: 25 }, () => add(store)))
  const found: string[] = []
  let before: string | undefined
  for (;;) {
    const page = store.list({}, 10, before)
    if (page.length === 0) break
    found.push(...idsOf(page))
    before = page.at(-1)!.id
    await add(store)
  }
  t.strictSame(found, idsOf(jobs).sort().reverse())
})

t.test('a list by revision begins with the oldest change', async t => {
  const { store } = await temporaryStore(t)
  const a = await add(store)
  const b = await add(store)
  await store.change(a.id, { status: 'Running' })
  t.strictSame(seenOf(store.listByRevision({}, 10, 0)), [`${b.id} Pending 2`, `${a.id} Running 3`])
  t.strictSame(seenOf(store.listByRevision({}, 1, 0)), [`${b.id} Pending 2`])
  t.strictSame(seenOf(store.listByRevision({ statuses: ['Running'] }, 10, 2)), [`${a.id} Running 3`])
  t.equal(store.revision(), 3)
})

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

t.test('an end has a time: the given one, or now', async t => {
  const { store } = await temporaryStore(t, {}, () => 77)
  const given = await add(store)
  const taken = await add(store)
  t.equal((await store.change(given.id, { status: 'Finished', endTime: 5 }))!.endTime, 5)
  t.equal((await store.change(taken.id, { status: 'Failed' }))!.endTime, 77)
})

t.test('unfinished jobs are the pending, running and suspended ones, by id', async t => {
  const { store } = await temporaryStore(t)
  const [pending, running, suspended, ended] = await Promise.all([add(store), add(store), add(store), add(store)])
  await store.change(running!.id, { status: 'Running' })
  await store.change(suspended!.id, { status: 'Running' })
  await store.change(suspended!.id, { status: 'Suspended' })
  await store.change(ended!.id, { status: 'Canceled' })
  t.strictSame(store.unfinished(), [pending!.id, running!.id, suspended!.id])
})

t.test('a removed job leaves nothing but its key, which is refused', async t => {
  const { store, file } = await temporaryStore(t)
  const idempotency = { user: 'ann', key: 'k', bodyHash: 'h' }
  const { job } = await store.insert({ ...sampleJob({ submission: { name: 'n', tags: ['x'] } }), idempotency })
  await add(store)
  await store.remove(job.id)
  t.equal(store.get(job.id), undefined)
  t.strictSame(store.list({ tags: ['x'] }, 10), [])
  t.equal(store.transitionsAfter(0, 10).length, 1)
  const reader = new DatabaseSync(file, { readOnly: true })
  t.teardown(() => reader.close())
  for (const [table, column] of [
    ['jobs', 'id'],
    ['job_tags', 'job_id'],
    ['transitions', 'job_id'],
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

t.test('jobs are counted by cluster and status', async t => {
  const { store } = await temporaryStore(t)
  t.strictSame(store.counts(), [])
  const [first] = await Promise.all([add(store), add(store), add(store, { cluster: 'Kubernetes' })])
  await store.change(first!.id, { status: 'Running' })
  t.strictSame(
    store
      .counts()
      .map(({ cluster, status, count }) => `${cluster} ${status} ${count}`)
      .sort(),
    ['Kubernetes Pending 1', 'Local Pending 1', 'Local Running 1']
  )
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
