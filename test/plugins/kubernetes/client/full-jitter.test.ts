import t from 'tap'
import { fullJitterMs } from '../../../../plugins/kubernetes/client/full-jitter.ts'

t.test('the bound doubles up to the most, and chance takes any part of it', async t => {
  t.strictSame([1, 2, 3, 4, 5, 1000].map(attempt => fullJitterMs(attempt, 200, 3000, () => 1)), [200, 400, 800, 1600, 3000, 3000])
  t.equal(fullJitterMs(3, 200, 3000, () => 0), 0)
  t.equal(fullJitterMs(3, 200, 3000, () => 0.5), 400)
})
