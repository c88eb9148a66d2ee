import fc from 'fast-check'
import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { checker } from '../../../launcher/lib/check.ts'
import { OneOf } from '../../../launcher/lib/one-of.ts'
import { JobSubmission } from '../../../launcher/model/job.ts'

const problemsOf = (schema: TSchema, value: unknown): string[] =>
  checker(schema)(value).problems.map(({ field, problem }) => `${field} ${problem}`.trim())

t.test('a valid value is returned unchanged', async t => {
  const value = { a: 1 }
  const { value: validated, problems } = checker(Type.Object({ a: Type.Integer() }))(value)
  t.equal(validated, value)
  t.strictSame(problems, [])
})

t.test('each keyword has its sentence', async t => {
  const cases: Array<[TSchema, unknown, string]> = [
    [Type.String({ maxLength: 2 }), 'abc', 'has more than 2 characters'],
    [Type.String({ minLength: 1 }), '', 'is empty'],
    [Type.String({ minLength: 2 }), 'a', 'has fewer than 2 characters'],
    [Type.Array(Type.String(), { maxItems: 1 }), ['a', 'b'], 'has more than 1 items'],
    [Type.Array(Type.String(), { minItems: 2 }), ['a'], 'has fewer than 2 items'],
    [Type.Enum(['a', 'b']), 'c', 'is not one of a, b'],
    [OneOf(['a', 'b']), 'c', 'is not one of a, b'],
    [OneOf(['a', 'b']), 1, 'is not one of a, b'],
    [Type.String({ pattern: '^a$' }), 'b', 'does not match ^a$'],
    [Type.String({ pattern: '^a$', 'x-expected': 'the letter a' }), 'b', 'is not the letter a'],
    [Type.String({ format: 'date-time' }), 'today', 'is not a time such as 2026-01-31T12:00:00Z'],
    [Type.String({ format: 'email' }), 'x', 'does not have the format email'],
    [Type.Integer(), 1.5, 'is not a whole number'],
    [Type.Number(), 'x', 'is not a number'],
    [Type.Boolean(), 1, 'is not true or false'],
    [Type.String(), 1, 'is not text'],
    [Type.Array(Type.String()), 1, 'is not a list'],
    [Type.Object({}), 1, 'is not an object'],
    [Type.Integer({ minimum: 1 }), 0, 'must be >= 1'],
    [Type.Integer({ maximum: 1 }), 2, 'must be <= 1'],
    [Type.Integer({ minimum: 0, maximum: 9, 'x-expected': 'a digit' }), 10, 'is not a digit'],
    [Type.Integer({ minimum: 0, maximum: 9, 'x-expected': 'a digit' }), -1, 'is not a digit'],
    [Type.Number({ exclusiveMinimum: 0 }), 0, 'must be > 0']
  ]
  for (const [schema, value, sentence] of cases) {
    t.strictSame(problemsOf(schema, value), [sentence])
    t.strictSame(problemsOf(Type.Object({ a: Type.Array(schema) }), { a: [value] }), [`a[0] ${sentence}`])
  }
})

t.test('a missing and an unknown field are named, with the closest known one', async t => {
  const schema = Type.Object(
    {
      workingDirectory: Type.Optional(Type.String()),
      name: Type.String(),
      inner: Type.Optional(Type.Object({ port: Type.Integer() }, { additionalProperties: false }))
    },
    { additionalProperties: false }
  )
  t.strictSame(problemsOf(schema, {}), ['name is missing'])
  t.strictSame(problemsOf(schema, { name: 'n', workingDirectry: '' }), [
    'workingDirectry is not a known field; did you mean workingDirectory?'
  ])
  t.strictSame(problemsOf(schema, { name: 'n', zzz: 1, yyy: 2 }), [
    'zzz is not a known field',
    'yyy is not a known field'
  ])
  t.strictSame(problemsOf(schema, { name: 'n', inner: { prt: 1 } }), [
    'inner.port is missing',
    'inner.prt is not a known field; did you mean port?'
  ])
  t.strictSame(
    problemsOf(schema, { name: 'n', ['x'.repeat(100)]: 1 }),
    [`${'x'.repeat(80)}… is not a known field`],
    'a long name is cut'
  )
})

t.test('the first of many unknown fields are named, and a field that is missing beside them', async t => {
  const schema = Type.Object({ name: Type.String() }, { additionalProperties: false })
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f${n}`, n]))
  const unknown = Array.from({ length: 8 }, (_, n) => `f${n} is not a known field`)
  t.strictSame(problemsOf(schema, { name: 'n', ...many }), unknown)
  t.strictSame(problemsOf(schema, many), ['name is missing', ...unknown.slice(0, 7)])
  t.strictSame(
    problemsOf(Type.Object({ inner: schema }), { inner: { name: 'n', ...many } }),
    unknown.map(problem => `inner.${problem}`)
  )
})

t.test('of several long lists the first with a problem is described, by the index of its items', async t => {
  const list = Type.Optional(Type.Array(Type.String(), { maxItems: 1000 }))
  const schema = Type.Object({ name: Type.String(), a: list, b: list, c: list })
  const long = (end: unknown): unknown[] => [...Array(500).fill('x'), end]
  t.strictSame(problemsOf(schema, { name: 'n', a: long('x'), b: long(1), c: long(1) }), ['b[500] is not text'])
  t.strictSame(problemsOf(schema, { name: 1, a: long('x'), b: ['x', 1] }), ['name is not text', 'b[1] is not text'])
  t.strictSame(problemsOf(schema, { name: 'n', c: Array(99_000).fill('x') }), ['c has more than 1000 items'])
  const required = Type.Object({ a: Type.Array(Type.String()), b: Type.String() })
  t.strictSame(problemsOf(required, { a: long('x') }), ['b is missing'])
})

t.test('names with a slash or a tilde are shown unescaped', async t => {
  const schema = Type.Record(Type.String(), Type.Object({ 'a/b~c': Type.Integer() }))
  t.strictSame(problemsOf(schema, { 'x/y': { 'a/b~c': 'no' } }), ['x/y.a/b~c is not a whole number'])
})

t.test('a field has one problem, the first', async t => {
  t.strictSame(problemsOf(Type.String({ minLength: 1, pattern: '^a$' }), ''), ['is empty'])
})

t.test('the check never throws or changes a value, and each refused value has a problem', async () => {
  const check = checker(JobSubmission)
  fc.assert(fc.property(fc.anything(), value => {
    const { problems, value: validated } = check(value)
    return validated === undefined ? problems.length > 0 : validated === value
  }), { numRuns: 500 })
  fc.assert(fc.property(fc.constantFrom(...Object.keys(JobSubmission.properties)), fc.jsonValue(), (field, json) => {
    const body = { name: 'n', [field]: json }
    const before = JSON.stringify(body)
    const { problems, value } = check(body)
    return JSON.stringify(body) === before && (value === undefined) === (problems.length > 0)
  }), { numRuns: 500 })
})
