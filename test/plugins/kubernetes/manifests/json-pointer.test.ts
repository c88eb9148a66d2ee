import fc from 'fast-check'
import t from 'tap'
import { traced, plainOf } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { isIndex, setAt, pointerOf, readPointer } from '../../../../plugins/kubernetes/manifests/json-pointer.ts'

function set (within: unknown, pointer: string, value: unknown): unknown {
  const result = setAt(traced(within), readPointer(pointer)!, traced(value))
  return 'value' in result ? plainOf(result.value) : result.problem
}

t.test('a pointer is read with its escapes', async t => {
  fc.assert(fc.property(fc.array(fc.string()), tokens => t.strictSame(readPointer(pointerOf(tokens)), tokens)))
  t.strictSame(readPointer(''), [])
  t.strictSame(readPointer('/a~1b/~01/'), ['a/b', '~1', ''])
  for (const text of ['a', 'a/b', '/a~', '/a~2', '#/a']) t.equal(readPointer(text), undefined, text)
})

t.test('a value is set at the pointer, and nowhere else', async t => {
  t.strictSame(set({ a: 1 }, '/a', 2), { a: 2 })
  t.strictSame(set({ a: 1 }, '/b/c', 2), { a: 1, b: { c: 2 } })
  t.strictSame(set({ a: [1, 2] }, '/a/0', 3), { a: [3, 2] })
  t.strictSame(set({ a: [1, 2] }, '/a/-', 3), { a: [1, 2, 3] })
  t.strictSame(set({ a: [{ b: 1 }] }, '/a/0/c', 3), { a: [{ b: 1, c: 3 }] })
  t.strictSame(set({}, '/a/-', 3), { a: [3] })
  t.strictSame(set({ a: 1 }, '', 2), 2)
  t.equal(({} as { x?: unknown }).x, undefined, 'the prototype is unchanged')
  t.equal(JSON.stringify(set({}, '/__proto__/x', 1)), '{"__proto__":{"x":1}}')
})

t.test('a pointer without a target is reported', async t => {
  t.equal(set({ a: [1] }, '/a/1', 2), 'names item 1 of /a, whose length is 1; - appends one')
  t.equal(set({ a: [1] }, '/a/x', 2), 'names item x of /a, whose length is 1; - appends one')
  t.equal(set({ a: [1] }, '/a/01', 2), 'names item 01 of /a, whose length is 1; - appends one')
  t.equal(set({ a: [1] }, '/a/-/b', 2), 'continues below -, which is a new item of /a')
  t.equal(set({}, '/a/0', 2), 'names an item of /a, which does not exist')
  t.equal(set({}, '/a/-/b', 2), 'names an item of /a, which does not exist')
  t.equal(set({ a: 'x' }, '/a/b', 2), 'continues below /a, which is a value without parts')
})

t.test('setting a value never throws', async t => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.array(fc.oneof(fc.string(), fc.constantFrom('0', '1', '-'))),
      fc.jsonValue(),
      (within, tokens, value) => {
        const result = setAt(traced(within), tokens, traced(value))
        t.ok('problem' in result || JSON.stringify(plainOf(result.value)).includes(JSON.stringify(value)))
      }
    ),
    { numRuns: 300 }
  )
})

t.test('a whole number and - are indexes of list items', async t => {
  t.strictSame(['0', '10', '-', '01', 'a', ''].map(isIndex), [true, true, true, false, false, false])
})
