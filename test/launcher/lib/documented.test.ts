import t from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { documentedAs, meaningOf } from '../../../launcher/lib/documented.ts'

t.test('a schema with another meaning is checked as it is, also after it was spread', async t => {
  const meaning = Type.Integer()
  const schema = { ...documentedAs(Type.String(), meaning), description: 'd' }
  t.equal(meaningOf(schema), meaning)
  t.ok(Value.Check(schema, 'text'))
  t.notOk(Value.Check(schema, 1))
  t.strictSame(JSON.parse(JSON.stringify(schema)), { type: 'string', description: 'd' })
})

t.test('any other schema means what it is', async t => {
  const schema = Type.String()
  t.equal(meaningOf(schema), schema)
})
