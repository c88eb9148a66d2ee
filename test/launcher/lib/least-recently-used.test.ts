import t from 'tap'
import { leastRecentlyUsed } from '../../../launcher/lib/least-recently-used.ts'

t.test('the values used least recently are dropped beyond the weight', async t => {
  const cache = leastRecentlyUsed<number>(3)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.set('c', 3)
  t.equal(cache.get('a'), 1)
  cache.set('d', 4, 2)
  t.strictSame(['a', 'b', 'c', 'd'].map(cache.get), [1, undefined, undefined, 4])
  cache.set('heavy', 5, 4)
  t.strictSame(['a', 'd', 'heavy'].map(cache.get), [undefined, undefined, undefined])
})

t.test('a replaced value keeps its weight, and deleted ones free theirs', async t => {
  const cache = leastRecentlyUsed<number>(3)
  cache.replace('a', 0)
  t.equal(cache.get('a'), undefined)
  cache.set('a', 1, 2)
  cache.replace('a', 10)
  cache.set('b', 2)
  t.strictSame(['a', 'b'].map(cache.get), [10, 2])
  cache.delete('a')
  cache.delete('a')
  cache.set('c', 3, 2)
  t.strictSame(['b', 'c'].map(cache.get), [2, 3])
  cache.clear()
  cache.set('d', 4, 3)
  t.strictSame(['b', 'c', 'd'].map(cache.get), [undefined, undefined, 4])
})
