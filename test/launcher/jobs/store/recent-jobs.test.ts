import t from 'tap'
import { createRecentJobs } from '../../../../launcher/jobs/store/recent-jobs.ts'
import type { Job } from '../../../../launcher/model/job.ts'

const job = (id: string, status = 'Pending') => ({ id, status }) as Job

t.test('a job is returned as it was last added or replaced, and cannot be changed', t => {
  const recent = createRecentJobs()
  t.equal(recent.get('a'), undefined)
  const first = job('a')
  recent.remember(first, 10)
  t.equal(recent.get('a'), first)
  t.throws(() => { first.status = 'Running' }, TypeError)
  recent.replace(job('a', 'Running'))
  t.equal(recent.get('a')!.status, 'Running')
  t.throws(() => { recent.get('a')!.status = 'Finished' }, TypeError)
  recent.forget('a')
  t.equal(recent.get('a'), undefined)
  t.end()
})

t.test('large jobs are kept up to 8,000,000 characters together, the most recently used ones', t => {
  const recent = createRecentJobs()
  recent.remember(job('small'), 16_384)
  recent.remember(job('a'), 4_000_000)
  recent.remember(job('b'), 4_000_000)
  recent.replace(job('a', 'Running'))
  t.equal(recent.get('a')?.status, 'Running')
  recent.remember(job('c'), 16_385)
  t.strictSame(['small', 'a', 'b', 'c'].map(id => recent.get(id)?.id), ['small', 'a', undefined, 'c'])
  recent.remember(job('larger'), 8_000_001)
  t.strictSame(['small', 'a', 'c', 'larger'].map(id => recent.get(id)?.id), ['small', undefined, undefined, undefined])
  recent.remember(job('d'), 8_000_000)
  recent.forget('d')
  recent.remember(job('e'), 8_000_000)
  t.equal(recent.get('e')?.id, 'e')
  t.end()
})

t.test('beyond a thousand jobs the least recently used is dropped', t => {
  const recent = createRecentJobs()
  for (let n = 0; n < 1000; n++) recent.remember(job(String(n)), 10)
  recent.get('0')
  recent.remember(job('more'), 10)
  t.strictSame(['0', '1', '2', 'more'].map(id => recent.get(id)?.id), ['0', undefined, '2', 'more'])
  recent.clear()
  t.equal(recent.get('more'), undefined)
  t.end()
})
