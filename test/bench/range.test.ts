import t from 'tap'
import type { Measurement } from '../../bench/figure.ts'
import { isMet } from '../../bench/figure.ts'
import { outOfRange } from '../../bench/range.ts'

const at = (name: string, ratio: number): Measurement => ({ name, ratio, detail: 'as measured' })

t.test('a ratio within its range, or at its bound, is not reported', async t => {
  t.strictSame(
    outOfRange({ 'api/fastify': { min: 0.3 }, 'list/all/growth': { max: 0.5 } }, [
      at('api/fastify', 0.3),
      at('list/all/growth', -0.1)
    ]),
    []
  )
})

t.test('a ratio out of its range is reported with its value, its bound and the measured figures', async t => {
  t.strictSame(outOfRange({ 'api/fastify': { min: 0.3 } }, [at('api/fastify', 0.29)]), [
    'api/fastify is 0.29, not at least 0.3: as measured'
  ])
  t.strictSame(outOfRange({ 'list/all/growth': { max: 0.5 } }, [at('list/all/growth', 0.6)]), [
    'list/all/growth is 0.60, not at most 0.5: as measured'
  ])
})

t.test('a figure missing from its measured group is out of range, one of an unmeasured group is not', async t => {
  t.strictSame(outOfRange({ 'api/fastify': { min: 0.3 }, 'list/all/growth': { max: 1 } }, [at('api/other', 1)]), [
    'api/fastify was not measured'
  ])
})

t.test('a target is met at its bound, and a figure without a target always passes', async t => {
  t.equal(isMet({ ...at('a', 0.7), target: { min: 0.7 } }), true)
  t.equal(isMet({ ...at('a', 0.69), target: { min: 0.7 } }), false)
  t.equal(isMet({ ...at('a', 1), target: { max: 1 } }), true)
  t.equal(isMet({ ...at('a', 1.01), target: { max: 1 } }), false)
  t.equal(isMet(at('a', 1)), undefined)
})
