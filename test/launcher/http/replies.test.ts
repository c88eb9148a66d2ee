import t from 'tap'
import { Type } from 'typebox'
import { content, empty, events, json } from '../../../launcher/http/replies.ts'

const One = Type.Object({}, { title: 'One' })
const Other = Type.Object({}, { title: 'Other' })

t.test('a reply has its description, its content and its headers', async t => {
  const Location = Type.String()
  t.strictSame(json(One, 'd', { Location }), {
    description: 'd', headers: { Location }, content: { 'application/json': { schema: One } }
  })
  t.strictSame(content({ 'text/plain': { schema: One } }, 'd'), {
    description: 'd', content: { 'text/plain': { schema: One } }
  })
  t.match(empty('d'), { type: 'null', description: 'd' })
})

t.test('a stream of events names the schema of the data of each', async t => {
  const $ref = '#/components/schemas/'
  t.match(events({ one: One, other: Other }), {
    schema: { anyOf: [One, Other] }, 'x-events': { one: `${$ref}One`, other: `${$ref}Other` }
  })
  t.equal(events({ one: One }).schema, One, 'one event has no alternatives')
})
