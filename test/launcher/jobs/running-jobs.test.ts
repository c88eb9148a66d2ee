import t from 'tap'
import { createRunningJobs } from '../../../launcher/jobs/running-jobs.ts'
import type { Job } from '../../../launcher/model/job.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const job = (changes: Partial<Job> = {}): Job => ({
  ...sampleJob(), status: 'Running', revision: 1, lastUpdateTime: 1, submittedToBackend: true, ...changes
})

t.test('jobs are there from their start to their end, also while they are suspended, the oldest first', async t => {
  const running = createRunningJobs()
  const [old, young] = [job(), job()].sort((a, b) => a.id < b.id ? -1 : 1) as [Job, Job]
  running.seen({ ...young, status: 'Pending' })
  t.equal(running.count(), 0)
  running.seen(young)
  running.seen({ ...old, status: 'Suspended' })
  t.strictSame(running.all().map(({ id }) => id), [old.id, young.id])
  running.seen({ ...old, status: 'Killed' })
  t.equal(running.get(old.id), undefined)
  t.equal(running.count(), 1)
})

t.test('of a submission only what filters look at is kept', async t => {
  const running = createRunningJobs()
  const submission = { name: 'n', exe: 'e', stdin: 'x'.repeat(1000), tags: ['a'], secrets: [{ name: 's', value: 'v' }] }
  const { id } = job()
  running.seen(job({ id, submission, pid: 5, host: 'h', startTime: 7, usage: { cpuSeconds: 1 } }))
  t.match(running.get(id), { pid: 5, host: 'h', startTime: 7, usage: { cpuSeconds: 1 } })
  t.strictSame(running.get(id)!.submission, { name: 'n', tags: ['a'] })
})
