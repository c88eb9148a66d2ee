import t from 'tap'
import { createMonotonicAge } from '../../../launcher/lib/monotonic-age.ts'

t.test('a clock set an hour forward or back does not change an age under measurement', t => {
  let clock = 1_700_000_000_000
  let steady = 5000
  const { since, forget } = createMonotonicAge(() => clock, () => steady)
  const pass = (ms: number) => { clock += ms; steady += ms }
  t.equal(since('a', clock - 300), 300)
  const at = clock - 300
  pass(200)
  t.equal(since('a', at), 500)
  clock += 3_600_000
  pass(100)
  t.equal(since('a', at), 600)
  clock -= 7_200_000
  t.equal(since('a', at), 600)
  t.equal(since('b', clock - 10), 10, 'each key by itself')
  t.equal(since('a', clock - 20), 20, 'another time begins anew')
  t.equal(since('a', at), 600, 'and leaves the first as it is')
  forget('b')
  clock += 1000
  t.equal(since('b', clock - 10), 10)
  t.end()
})
