import t from 'tap'
import { backoffMs } from '../../../launcher/lib/backoff.ts'

t.test('the bound doubles up to the maximum, and the wait is a random part of it', async t => {
  t.strictSame(
    [1, 2, 3, 4, 5, 1000].map(attempt => backoffMs(attempt, 200, 3000, () => 1)),
    [200, 400, 800, 1600, 3000, 3000]
  )
  t.equal(
    backoffMs(3, 200, 3000, () => 0),
    0
  )
  t.equal(
    backoffMs(3, 200, 3000, () => 0.5),
    400
  )
})

t.test('by default a wait is at most 200 ms at first and 30 s later', async t => {
  const longest = (attempt: number): number => backoffMs(attempt, undefined, undefined, () => 1)
  t.strictSame([1, 2, 8, 9, 1000].map(longest), [200, 400, 25_600, 30_000, 30_000])
  for (let attempt = 1; attempt < 100; attempt++) {
    const ms = backoffMs(attempt)
    t.ok(Number.isInteger(ms) && ms >= 0 && ms <= longest(attempt))
  }
})
