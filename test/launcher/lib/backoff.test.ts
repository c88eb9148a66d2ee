import t from 'tap'
import { backoffMs } from '../../../launcher/lib/backoff.ts'

t.test('the wait doubles from try to try up to a bound, with jitter below it', async t => {
  const longest = (attempt: number): number => backoffMs(attempt, () => 1)
  t.strictSame([1, 2, 3, 8, 9, 10, 1000].map(longest), [200, 400, 800, 25_600, 30_000, 30_000, 30_000])
  for (const attempt of [1, 5, 50]) t.equal(backoffMs(attempt, () => 0), longest(attempt) / 2)
  for (let attempt = 1; attempt < 100; attempt++) {
    const ms = backoffMs(attempt)
    t.ok(ms >= longest(attempt) / 2 && ms <= longest(attempt))
  }
})
