import t from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { headerFields } from '../../../launcher/http/header-fields.ts'
import { meaningOf } from '../../../launcher/lib/documented.ts'

t.test('header fields are checked in lower case and documented as usual', async t => {
  const schema = headerFields({ 'Last-Event-ID': Type.Optional(Type.String({ maxLength: 3 })) })
  t.ok(Value.Check(schema, { 'last-event-id': 'abc', accept: '*/*' }))
  t.notOk(Value.Check(schema, { 'last-event-id': 'abcd' }))
  t.ok(Value.Check(schema, {}), 'an optional field may be missing')
  t.match(meaningOf(schema), { properties: { 'Last-Event-ID': { maxLength: 3 } } })
})
