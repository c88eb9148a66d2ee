import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t from 'tap'
import type { Job } from '../../../../launcher/model/job.ts'
import { JOB_OUTCOMES } from '../../../../launcher/model/job-outcome.ts'
import { JOB_STATUSES } from '../../../../launcher/model/status.ts'
import { conditionsOf, matches, queryById, type JobFilter } from '../../../../launcher/jobs/store/filter.ts'
import { newId } from '../../../fixtures/sample-job.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'

t.test('an empty filter has no condition and matches every job', async t => {
  t.strictSame(conditionsOf({}), [])
})

t.test('a job in memory matches exactly when the store finds it', async t => {
  const { store } = await temporaryStore(t)
  const users = ['ann', 'bob']
  const clusters = ['Local', 'Kubernetes']
  const arrays = ['p', 'q']
  const tags = ['x', 'y', 'z']
  const names = ['a', 'ab', 'ab*', 'a\u{10ffff}', 'a\uffff', 'A', "a' OR 1", '漢字']
  const ends = [
    { status: 'Finished', reason: 'Exited', exitCode: 0 },
    { status: 'Finished', reason: 'Exited', exitCode: 1 },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 },
    { status: 'Failed', reason: 'Lost' }
  ] as const
  for (let i = 0; i < 60; i++) {
    const id = newId()
    await store.insert({
      id,
      user: users[i % 2]!,
      cluster: clusters[i % 3 === 0 ? 1 : 0]!,
      submissionTime: i,
      ...(i % 3 === 1 && { array: { id: arrays[i % 2]!, index: i, count: 60 } }),
      submission: {
        name: names[i % names.length]!,
        ...(i % 5 === 0 ? {} : { tags: tags.filter((_, bit) => (i >> bit) & 1) })
      }
    })
    if (i % 4 > 0) await store.change(id, { status: 'Running' })
    if (i % 4 > 1) await store.change(id, ends[i % 7 % 4]!)
  }
  const all = store.list({}, 1000)
  const ids = (lists: Job[][]) => JSON.stringify(lists.map(jobs => jobs.map(({ id }) => id)))
  const some = <T>(values: readonly T[]) => fc.option(fc.subarray([...values]), { nil: undefined })
  const filters = fc.record({
    statuses: some(JOB_STATUSES),
    outcomes: some(JOB_OUTCOMES),
    reasons: some(['Exited', 'KilledOnRequest', 'Lost', 'OutOfMemory']),
    exitCodes: some([0, 1, 137, 255]),
    names: some([...names, 'a*', 'ab*', '*', 'z*', '漢*', 'a\u{10ffff}*']),
    tags: some(tags),
    users: some([...users, 'cat']),
    clusters: some(clusters),
    arrays: some([...arrays, 'r']),
    since: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    until: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    id: fc.option(fc.constantFrom(...all.slice(0, 5).map(({ id }) => id)), { nil: undefined, freq: 5 })
  }) as fc.Arbitrary<JobFilter>
  fc.assert(
    fc.property(filters, filter => {
      const matching = all.filter(job => matches(filter, job))
      const found = [
        store.list(filter, 1000),
        store.list(filter, 1000, all[20]!.id),
        store.listByRevision(filter, 1000, 100)
      ]
      const wanted = [
        matching,
        matching.filter(({ id }) => id < all[20]!.id),
        matching.filter(({ revision }) => revision > 100).sort((a, b) => a.revision - b.revision)
      ]
      return ids(found) === ids(wanted)
    }),
    { numRuns: 500 }
  )
})

t.test('a thousand beginnings of names are one filter', async t => {
  const { store } = await temporaryStore(t)
  const { job } = await store.insert({
    id: newId(), user: 'ann', cluster: 'Local', submissionTime: 1, submission: { name: 'n1999-x' }
  })
  const names = Array.from({ length: 2000 }, (_, i) => `n${i}-*`)
  t.strictSame(store.list({ names }, 10).map(({ id }) => id), [job.id])
  t.strictSame(store.list({ names: names.slice(0, 1999) }, 10), [])
})

t.test('a filter for ended jobs, and for whole names, is an index lookup that needs no sorting', async t => {
  const { file, store } = await temporaryStore(t)
  await store.close()
  const database = new DatabaseSync(file)
  t.teardown(() => database.close())
  for (const [filter, index] of [
    [{ outcomes: ['failed'] }, 'jobs_by_outcome (outcome=?)'],
    [{ users: ['ann'], outcomes: ['failed'] }, 'jobs_by_user_and_outcome (user=? AND outcome=?)'],
    [{ reasons: ['OutOfMemory'] }, 'jobs_by_reason (reason=?)'],
    [{ exitCodes: [137] }, 'jobs_by_exit_code (exit_code=?)'],
    [{ names: ['a'] }, 'jobs_by_name (name=?)'],
    [{ users: ['ann'] }, 'jobs_by_user (user=?)'],
    [{ users: ['ann'], names: ['a*'] }, 'jobs_by_user (user=?)'],
    [{ statuses: ['Running'] }, 'jobs_by_status (status=?)']
  ] as Array<[JobFilter, string]>) {
    const { from, idColumn, conditions } = queryById(filter)
    const where = conditions.map(({ sql }) => sql).join(' AND ')
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN SELECT jobs.id FROM ${from} WHERE ${where} ORDER BY ${idColumn} DESC LIMIT 100`)
      .all(...conditions.flatMap(({ values }) => values))
      .map(({ detail }) => String(detail))
    t.match(plan[0], 'SEARCH jobs USING ')
    t.match(plan[0], index)
    t.notMatch(plan.join(), 'ORDER BY')
  }
})
