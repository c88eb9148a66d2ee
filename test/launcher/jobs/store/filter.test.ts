import fc from 'fast-check'
import t from 'tap'
import type { Job } from '../../../../launcher/model/job.ts'
import { JOB_STATUSES } from '../../../../launcher/model/status.ts'
import { conditionsOf, matches, type JobFilter } from '../../../../launcher/jobs/store/filter.ts'
import { newId } from '../../../fixtures/sample-job.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'

t.test('an empty filter has no condition and matches every job', async t => {
  t.strictSame(conditionsOf({}), [])
})

t.test('a job in memory matches exactly when the store finds it', async t => {
  const { store } = await temporaryStore(t)
  const users = ['ann', 'bob']
  const clusters = ['Local', 'Kubernetes']
  const tags = ['x', 'y', 'z']
  for (let i = 0; i < 60; i++) {
    const id = newId()
    await store.insert({
      id,
      user: users[i % 2]!,
      cluster: clusters[i % 3 === 0 ? 1 : 0]!,
      submissionTime: i,
      submission: { name: 'n', ...(i % 5 === 0 ? {} : { tags: tags.filter((_, bit) => (i >> bit) & 1) }) }
    })
    if (i % 4 > 0) await store.change(id, { status: 'Running' })
    if (i % 4 > 1) await store.change(id, { status: i % 4 === 2 ? 'Finished' : 'Killed' })
  }
  const all = store.list({}, 1000)
  const ids = (lists: Job[][]) => JSON.stringify(lists.map(jobs => jobs.map(({ id }) => id)))
  const some = <T>(values: readonly T[]) => fc.option(fc.subarray([...values]), { nil: undefined })
  const filters = fc.record({
    statuses: some(JOB_STATUSES),
    tags: some(tags),
    users: some([...users, 'cat']),
    clusters: some(clusters),
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
    { numRuns: 300 }
  )
})
