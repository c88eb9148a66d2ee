import t from 'tap'
import { Type } from 'typebox'
import { createNamedSchemas } from '../../../launcher/http/named-schemas.ts'
import { documentedAs } from '../../../launcher/lib/documented.ts'
import { OneOf } from '../../../launcher/lib/one-of.ts'

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

t.test('a schema with a title stands once under it, after those that it refers to', async t => {
  const { schemas, documented } = createNamedSchemas()
  const Inner = Type.Object({ a: Type.String() }, { title: 'Inner', description: 'inner' })
  const Outer = Type.Object({ one: Inner, more: Type.Array(Inner) }, { title: 'Outer' })
  t.strictSame(plain(documented(Type.Union([Outer, Inner]))), {
    anyOf: [{ $ref: '#/components/schemas/Outer' }, { $ref: '#/components/schemas/Inner' }]
  })
  t.strictSame(Object.keys(schemas), ['Inner', 'Outer'])
  t.match(plain(schemas), {
    Inner: { title: 'Inner', description: 'inner' },
    Outer: { properties: { more: { items: { $ref: '#/components/schemas/Inner' } } } }
  })
})

t.test('each use of a list of words has its own description and default', async t => {
  const { schemas, documented } = createNamedSchemas()
  const Word = OneOf(['a', 'b'], { title: 'Word' })
  const $ref = '#/components/schemas/Word'
  t.strictSame(
    plain(documented([{ ...Word, description: 'one' }, { ...Word, description: 'other', default: 'a' }, Word])),
    [{ $ref, description: 'one' }, { $ref, description: 'other', default: 'a' }, { $ref }]
  )
  t.strictSame(plain(schemas), { Word: { type: 'string', enum: ['a', 'b'], title: 'Word' } })
})

t.test('a schema that means another one to readers is shown as that', async t => {
  const { documented } = createNamedSchemas()
  const schema = Type.Object({ list: Type.Optional(documentedAs(Type.String(), Type.Array(Type.Integer()))) })
  t.match(plain(documented(schema)), { properties: { list: { type: 'array', items: { type: 'integer' } } } })
})

t.test('two schemas with the same title are a defect', async t => {
  const { documented } = createNamedSchemas()
  documented(Type.Object({ a: Type.String() }, { title: 'Same' }))
  t.throws(() => documented(Type.Object({ a: Type.Integer() }, { title: 'Same' })), { code: 'InternalError' })
})
