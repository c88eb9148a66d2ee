import t from 'tap'
import type { Job } from '../../../../launcher/model/job.ts'
import { add, idsOf, seenOf } from '../../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'

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

t.test('unfinished jobs are the pending, running and suspended ones, by id', async t => {
  const { store } = await temporaryStore(t)
  const [pending, running, suspended, ended] = await Promise.all([add(store), add(store), add(store), add(store)])
  await store.change(running!.id, { status: 'Running' })
  await store.change(suspended!.id, { status: 'Running' })
  await store.change(suspended!.id, { status: 'Suspended' })
  await store.change(ended!.id, { status: 'Canceled' })
  t.strictSame(store.unfinished().map(({ id }) => id), [pending!.id, running!.id, suspended!.id])
})

t.test('unfinished jobs of a filter are those that match it, with their users and clusters', async t => {
  const { store } = await temporaryStore(t)
  const a = await add(store, { submission: { tags: ['x'] }, cluster: 'Kubernetes' })
  const b = await add(store, { submission: { tags: ['x'] }, user: 'bob' })
  const ended = await add(store, { submission: { tags: ['x'] } })
  await add(store)
  await store.change(ended.id, { status: 'Canceled' })
  const ofBob = { id: b.id, user: 'bob', cluster: 'Local' }
  t.same(store.unfinished({ tags: ['x'] }), [{ id: a.id, user: 'ann', cluster: 'Kubernetes' }, ofBob])
  t.same(store.unfinished({ users: ['bob'] }), [ofBob])
  t.same(store.unfinished({ statuses: ['Canceled'] }), [])
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

t.test('each job that matches a filter counts in one group of its status, outcome, user and cluster', async t => {
  const { store } = await temporaryStore(t)
  const [a, b] = await Promise.all([
    add(store, { submission: { tags: ['x', 'y'] } }),
    add(store, { submission: { tags: ['x'] } }),
    add(store, { submission: { tags: ['x'] } }),
    add(store, { user: 'bob', cluster: 'Kubernetes' })
  ])
  await store.change(a.id, { status: 'Running' })
  await store.change(b.id, { status: 'Canceled', reason: 'CanceledOnRequest' })
  const groups = (filter: object): string[] => store.groups(filter)
    .map(({ status, outcome, user, cluster, count }) => `${user} ${cluster} ${status} ${outcome} ${count}`).sort()
  const ann = [
    'ann Local Canceled stopped 1', 'ann Local Pending undefined 1', 'ann Local Running undefined 1'
  ]
  t.strictSame(groups({}), [...ann, 'bob Kubernetes Pending undefined 1'])
  t.strictSame(groups({ tags: ['x'] }), ann)
  t.strictSame(groups({ tags: ['x', 'y'] }), ['ann Local Running undefined 1'])
  t.strictSame(groups({ users: [] }), [])
})
