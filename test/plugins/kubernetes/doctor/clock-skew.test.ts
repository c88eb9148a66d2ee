import t from 'tap'
import { clockSkewMs } from '../../../../plugins/kubernetes/doctor/clock-skew.ts'

const DATE = 'Wed, 25 Nov 2026 00:00:10 GMT'
const at = Date.parse(DATE)

t.test('a time between request and reply, as far as whole seconds can tell, is no skew', async t => {
  t.equal(clockSkewMs(DATE, at - 500, at + 500), 0)
  t.equal(clockSkewMs(DATE, at + 999, at + 1200), 0)
  t.equal(clockSkewMs(DATE, at - 200, at), 0)
})

t.test('what is sure is told, with its sign', async t => {
  t.equal(clockSkewMs(DATE, at - 8000, at - 7000), 7000)
  t.equal(clockSkewMs(DATE, at + 9999, at + 12_000), -9000)
})

t.test('a server that tells no time has no skew that is known', async t => {
  t.equal(clockSkewMs(undefined, 0, 1), undefined)
  t.equal(clockSkewMs('soon', 0, 1), undefined)
})
