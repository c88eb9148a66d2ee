import t from 'tap'
import { exponentOf, quantile, shown, spreadOf } from '../../bench/statistics.ts'

t.test('a quantile is the value that the given share of values does not exceed', async t => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n)
  t.equal(quantile(values, 0), 1)
  t.equal(quantile(values, 0.5), 51)
  t.equal(quantile(values, 0.99), 100)
  t.equal(quantile([7], 0.99), 7)
  t.ok(Number.isNaN(quantile([], 0.5)))
})

t.test('the spread shows the median between the minimum and the maximum', async t => {
  t.strictSame(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 })
  t.equal(shown(spreadOf([30, 10, 20])), '20 (10 to 30)')
  t.equal(shown(spreadOf([0.25]), 2), '0.25 (0.25 to 0.25)')
})

t.test('the growth exponent is 0 for a constant, 1 for linear growth and 2 for quadratic growth', async t => {
  const sizes = [10, 100, 1000]
  for (const exponent of [0, 0.5, 1, 2]) {
    t.ok(Math.abs(exponentOf(sizes.map(size => [size, 3 * size ** exponent])) - exponent) < 1e-9)
  }
})
