import fc from 'fast-check'
import t from 'tap'
import { traced, plainOf } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { isIndex, placed, pointerOf, readPointer } from '../../../../plugins/kubernetes/manifests/json-pointer.ts'

function put (within: unknown, pointer: string, value: unknown): unknown {
  const result = placed(traced(within), readPointer(pointer)!, traced(value))
  return 'piece' in result ? plainOf(result.piece) : result.problem
}

t.test('a pointer is read as it is written', async t => {
  fc.assert(fc.property(fc.array(fc.string()), tokens => t.strictSame(readPointer(pointerOf(tokens)), tokens)))
  t.strictSame(readPointer(''), [])
  t.strictSame(readPointer('/a~1b/~01/'), ['a/b', '~1', ''])
  for (const text of ['a', 'a/b', '/a~', '/a~2', '#/a']) t.equal(readPointer(text), undefined, text)
})

t.test('a value is put where the pointer points', async t => {
  t.strictSame(put({ a: 1 }, '/a', 2), { a: 2 })
  t.strictSame(put({ a: 1 }, '/b/c', 2), { a: 1, b: { c: 2 } })
  t.strictSame(put({ a: [1, 2] }, '/a/0', 3), { a: [3, 2] })
  t.strictSame(put({ a: [1, 2] }, '/a/-', 3), { a: [1, 2, 3] })
  t.strictSame(put({ a: [{ b: 1 }] }, '/a/0/c', 3), { a: [{ b: 1, c: 3 }] })
  t.strictSame(put({}, '/a/-', 3), { a: [3] })
  t.strictSame(put({ a: 1 }, '', 2), 2)
  t.equal(({} as { x?: unknown }).x, undefined, 'and nowhere else')
  t.equal(JSON.stringify(put({}, '/__proto__/x', 1)), '{"__proto__":{"x":1}}')
})

t.test('a missing target is reported', async t => {
  t.equal(put({ a: [1] }, '/a/1', 2), 'names the item 1 of /a, which has 1; - appends one')
  t.equal(put({ a: [1] }, '/a/x', 2), 'names the item x of /a, which has 1; - appends one')
  t.equal(put({ a: [1] }, '/a/01', 2), 'names the item 01 of /a, which has 1; - appends one')
  t.equal(put({ a: [1] }, '/a/-/b', 2), 'goes on behind -, which is a new item of /a')
  t.equal(put({}, '/a/0', 2), 'names an item of /a, which is not there')
  t.equal(put({}, '/a/-/b', 2), 'names an item of /a, which is not there')
  t.equal(put({ a: 'x' }, '/a/b', 2), 'goes on behind /a, which is a value')
})

t.test('no pointer and no value makes it throw', async t => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.array(fc.oneof(fc.string(), fc.constantFrom('0', '1', '-'))),
      fc.jsonValue(),
      (within, tokens, value) => {
        const result = placed(traced(within), tokens, traced(value))
        t.ok('problem' in result || JSON.stringify(plainOf(result.piece)).includes(JSON.stringify(value)))
      }
    ),
    { numRuns: 300 }
  )
})

t.test('steps may name items', async t => {
  t.strictSame(['0', '10', '-', '01', 'a', ''].map(isIndex), [true, true, true, false, false, false])
})
