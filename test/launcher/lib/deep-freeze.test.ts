import t from 'tap'
import { deepFreeze } from '../../../launcher/lib/deep-freeze.ts'

t.test('every level is frozen and the value is returned', async t => {
  const value = { a: [{ b: 1 }], c: null, d: 'x' }
  t.equal(deepFreeze(value), value)
  t.throws(() => { value.a[0]!.b = 2 }, TypeError)
  t.throws(() => { value.a.push({ b: 2 }) }, TypeError)
  t.throws(() => { value.d = 'y' }, TypeError)
})
