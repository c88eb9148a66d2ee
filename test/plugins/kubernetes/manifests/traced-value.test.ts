import fc from 'fast-check'
import t from 'tap'
import {
  fieldIn,
  mapOf,
  originsOf,
  traced,
  plainOf,
  scalarIn,
  type Source
} from '../../../../plugins/kubernetes/manifests/traced-value.ts'

const a: Source = { from: 'cluster', file: 'a.yaml' }
const b: Source = { from: 'tag', name: 'x', file: 'b.yaml' }

t.test('plain JSON is unchanged after a round trip through a traced value', async t => {
  fc.assert(fc.property(fc.jsonValue(), value => {
    t.strictSame(JSON.stringify(plainOf(traced(value))), JSON.stringify(value))
  }))
  t.strictSame(plainOf(traced({ a: undefined, b: 1 })), { b: 1 })
})

t.test("a part with one origin is returned once, and the launcher's own parts are not returned", async t => {
  t.strictSame(originsOf(traced({ a: [1] })), [])
  t.strictSame(originsOf(traced({ a: [1, { b: 2 }] }, { source: a, line: 3 })), [
    { pointer: '', origin: { ...a, line: 3 } }
  ])
  const mixed = mapOf([
    ['own', traced(1)],
    ['a/~', traced({ x: 1 }, { source: a, line: 2 })],
    [
      'both',
      mapOf(
        [
          ['x', traced(1, { source: a })],
          ['y', traced([1], { source: b, line: 9 })]
        ],
        { source: b, line: 8 }
      )
    ]
  ])
  t.strictSame(originsOf(mixed), [
    { pointer: '/a~1~0', origin: { ...a, line: 2 } },
    { pointer: '/both/x', origin: a },
    { pointer: '/both/y', origin: { ...b, line: 9 } }
  ])
})

t.test('a field has its path as name', async t => {
  t.equal(fieldIn(fieldIn(fieldIn('', 'spec'), 'containers'), 0), 'spec.containers[0]')
  t.equal(scalarIn(traced({ name: 'x' }), 'name'), 'x')
  t.equal(scalarIn(traced({ name: {} }), 'name'), undefined)
  t.equal(scalarIn(traced([]), 'name'), undefined)
})
