import fc from 'fast-check'
import t from 'tap'
import { itemKey, merge } from '../../../../plugins/kubernetes/manifests/strategic-merge.ts'
import { traced, plainOf } from '../../../../plugins/kubernetes/manifests/traced-value.ts'

const merged = (lower: unknown, upper: unknown, path = ''): unknown =>
  plainOf(merge(traced(lower), traced(upper), new Map(), path))
const SPEC = 'spec.template.spec'

const toleration = fc.record(
  { key: fc.constantFrom('a', 'b'), operator: fc.constantFrom('Exists', 'Equal'), tolerationSeconds: fc.nat(3) },
  { requiredKeys: ['key'], noNullPrototype: true }
)
const container = fc.record(
  {
    name: fc.constantFrom('content', 'proxy', 'other'),
    image: fc.constantFrom('a', 'b'),
    args: fc.array(fc.constantFrom('x', 'y')),
    env: fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B'), value: fc.string() }, { noNullPrototype: true }), {
      selector: ({ name }) => name
    })
  },
  { requiredKeys: ['name'], noNullPrototype: true }
)
const podSpec = fc.record(
  {
    priorityClassName: fc.string(),
    nodeSelector: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.string(), { noNullPrototype: true }),
    containers: fc.uniqueArray(container, { selector: ({ name }) => name }),
    tolerations: fc.uniqueArray(toleration, { selector: ({ key, operator }) => `${key} ${operator ?? 'Equal'}` })
  },
  { requiredKeys: [], noNullPrototype: true }
)

t.test('a merge with nothing, or with itself, changes nothing', async t => {
  fc.assert(fc.property(podSpec, spec => {
    t.strictSame(merged(spec, {}, SPEC), spec)
    t.strictSame(merged({}, spec, SPEC), spec)
    t.strictSame(merged(spec, spec, SPEC), spec)
  }), { numRuns: 100 })
})

t.test('merging is associative', async t => {
  fc.assert(fc.property(podSpec, podSpec, podSpec, (a, b, c) => {
    t.strictSame(merged(merged(a, b, SPEC), c, SPEC), merged(a, merged(b, c, SPEC), SPEC))
  }), { numRuns: 100 })
})

t.test('the later value of a field without parts wins', async t => {
  fc.assert(
    fc.property(podSpec, podSpec, (lower, upper) => {
      const result = merged(lower, upper, SPEC) as typeof upper
      if (upper.priorityClassName !== undefined) t.equal(result.priorityClassName, upper.priorityClassName)
      for (const { name, args } of upper.containers ?? []) {
        if (args !== undefined) t.strictSame(result.containers!.find(each => each.name === name)!.args, args)
      }
      for (const [key, value] of Object.entries(upper.nodeSelector ?? {})) {
        t.equal(new Map(Object.entries(result.nodeSelector!)).get(key), value)
      }
    }),
    { numRuns: 100 }
  )
})

t.test('items are merged by their keys only in lists of the table', async t => {
  const lists = [[{ name: 'a', x: 1 }], [{ name: 'a', y: 2 }]] as const
  t.strictSame(merged(...lists, `${SPEC}.containers`), [{ name: 'a', x: 1, y: 2 }])
  t.strictSame(merged(...lists, `${SPEC}.volumes`), [{ name: 'a', y: 2 }])
  t.strictSame(merged(...lists, `${SPEC}.other`), lists[1])
})

t.test('of a field that is not merged, one of the two values is used', async t => {
  const lower = traced({ a: { b: 1 }, c: 1 })
  const upper = traced({ a: { d: 2 }, c: 2 })
  t.strictSame(plainOf(merge(lower, upper, new Map([['a', 'upper']]))), { a: { d: 2 }, c: 2 })
  t.strictSame(plainOf(merge(lower, upper, new Map([['a', 'lower']]))), { a: { b: 1 }, c: 2 })
})

t.test('alternative terms are combined, so both conditions hold', async t => {
  const path = `${SPEC}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  t.strictSame(merged([{ matchFields: ['f'] }], [{ matchExpressions: ['e'] }, { matchFields: ['g'] }], path), [
    { matchFields: ['f'], matchExpressions: ['e'] },
    { matchFields: ['f', 'g'] }
  ])
  t.strictSame(merged([], [{ matchFields: ['g'] }], path), [{ matchFields: ['g'] }])
  t.strictSame(merged([{ matchFields: ['g'] }], [], path), [{ matchFields: ['g'] }])
})

t.test('an item without its key has no identity', async t => {
  t.equal(itemKey(traced({ x: 1 }), { keys: ['name'] }), undefined)
  t.equal(itemKey(traced('x'), { keys: ['name'] }), undefined)
  t.equal(
    itemKey(traced({ port: 1 }), { keys: ['port', 'protocol'], defaults: { protocol: 'TCP' } }),
    itemKey(traced({ port: 1, protocol: 'TCP' }), { keys: ['port', 'protocol'] })
  )
})
