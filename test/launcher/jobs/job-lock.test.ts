import t from 'tap'
import { createJobLock } from '../../../launcher/jobs/job-lock.ts'

t.test('work for one job never overlaps and keeps its order; work for another job runs meanwhile', async t => {
  const lock = createJobLock()
  const steps: string[] = []
  const first = Promise.withResolvers<void>()
  const a1 = lock('a', async () => {
    steps.push('a1 begins')
    await first.promise
    steps.push('a1 ends')
  })
  const a2 = lock('a', async () => { steps.push('a2') })
  const a3 = lock('a', async () => { steps.push('a3') })
  await lock('b', async () => { steps.push('b') })
  t.strictSame(steps, ['a1 begins', 'b'])
  first.resolve()
  await Promise.all([a1, a2, a3])
  t.strictSame(steps, ['a1 begins', 'b', 'a1 ends', 'a2', 'a3'])
})

t.test('a failure reaches its caller only, and the next work runs', async t => {
  const lock = createJobLock()
  const bad = lock('a', async () => { throw new TypeError('no') })
  const good = lock('a', async () => 5)
  await t.rejects(bad, { message: 'no' })
  t.equal(await good, 5)
})

t.test('many interleaved calls for one job lose no update', async t => {
  const lock = createJobLock()
  let count = 0
  await Promise.all(Array.from({ length: 500 }, () => lock('a', async () => {
    const before = count
    await null
    count = before + 1
  })))
  t.equal(count, 500)
})
