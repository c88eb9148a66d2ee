import t from 'tap'
import { clockSkewMs } from '../../../../plugins/kubernetes/doctor/clock-skew.ts'

const DATE = 'Wed, 25 Nov 2026 00:00:10 GMT'
const at = Date.parse(DATE)

t.test('a second that overlaps the time between request and reply is no skew', async t => {
  t.equal(clockSkewMs(DATE, at - 500, at + 500), 0)
  t.equal(clockSkewMs(DATE, at + 999, at + 1200), 0)
  t.equal(clockSkewMs(DATE, at - 200, at), 0)
})

t.test('the certain difference is returned with its sign', async t => {
  t.equal(clockSkewMs(DATE, at - 8000, at - 7000), 7000)
  t.equal(clockSkewMs(DATE, at + 9999, at + 12_000), -9000)
})

t.test('without a valid Date header the skew is undefined', async t => {
  t.equal(clockSkewMs(undefined, 0, 1), undefined)
  t.equal(clockSkewMs('soon', 0, 1), undefined)
})
