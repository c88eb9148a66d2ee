import t from 'tap'
import { exceedsDepth } from '../../../launcher/http/json-depth.ts'

t.test('values within the limit pass, whatever their type', async t => {
  for (const value of [null, 1, 'x', [], {}, [[1]], { a: { b: 1 } }]) {
    t.notOk(exceedsDepth(value, 2), JSON.stringify(value))
  }
})

t.test('one level beyond the limit is too deep, in arrays and in objects', async t => {
  for (const value of [[[[]]], { a: { b: {} } }, [{ a: [] }]]) t.ok(exceedsDepth(value, 2), JSON.stringify(value))
})

t.test('a value nested a million deep does not overflow the stack', async t => {
  let value: unknown = 1
  for (let depth = 0; depth < 1_000_000; depth++) value = [value]
  t.ok(exceedsDepth(value, 64))
})
