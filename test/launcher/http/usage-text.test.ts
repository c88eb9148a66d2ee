import t from 'tap'
import { createUsageText } from '../../../launcher/http/usage-text.ts'
import { firstFigures } from '../../../launcher/jobs/job-figures.ts'
import type { Reading } from '../../../launcher/jobs/usage.ts'

const reading = (count: number): Reading => Array.from({ length: count }, (_, index) => ({
  job: {
    id: String(index).padStart(26, '0'),
    user: index % 2 === 0 ? 'ann' : 'bob',
    cluster: 'Local',
    submissionTime: 1,
    submission: { name: 'a "name"' },
    status: 'Running' as const
  },
  figures: {
    ...firstFigures(), ...(index % 3 !== 0 && { cpus: 0.1, memoryBytes: 2, measuredTime: index })
  }
}))

t.test('the text of many jobs, which is encoded in parts, is one JSON value', async t => {
  const textOf = createUsageText('here')
  for (const count of [0, 1, 999, 1000, 1001, 2500]) {
    const usage = JSON.parse(String(await textOf(reading(count), {}, true)))
    t.equal(usage.jobs.length, count)
    t.strictSame(usage.totals, {
      jobs: count,
      measuredJobs: count - Math.ceil(count / 3),
      cpus: Math.round((count - Math.ceil(count / 3)) * 1000) / 10_000,
      memoryBytes: 2 * (count - Math.ceil(count / 3))
    })
  }
  const { jobs, complete } = JSON.parse(String(await textOf(reading(2500), { users: ['bob'] }, false)))
  t.equal(jobs.length, 1250)
  t.match(jobs[0], { name: 'a "name"', user: 'bob', instance: 'here', measuredTime: '1970-01-01T00:00:00.001Z' })
  t.equal(complete, false)
})

t.test('readers with one filter share the text of a reading, and no other reader gets it', async t => {
  const textOf = createUsageText('here')
  const one = reading(10)
  const ofAnn = () => textOf(one, { users: ['ann'] }, true)
  const [first, again] = await Promise.all([ofAnn(), ofAnn()])
  t.equal(first, again)
  t.not(await textOf(one, { users: ['bob'] }, true), first)
  t.not(await textOf(one, { users: ['ann'] }, false), first)
  t.not(await textOf(reading(11), { users: ['ann'] }, true), first)
  for (let n = 0; n < 100; n++) {
    t.strictSame(JSON.parse(String(await textOf(one, { users: [`u${n}`] }, true))).jobs, [])
  }
})
