import t from 'tap'
import { Value } from 'typebox/value'
import { OneOf } from '../../../launcher/lib/one-of.ts'

t.test('a field of words has a type and takes only the words', async t => {
  const schema = OneOf(['a', 'b'], { description: 'd' })
  t.strictSame(JSON.parse(JSON.stringify(schema)), { type: 'string', enum: ['a', 'b'], description: 'd' })
  t.strictSame(['a', 'b', 'c', 1, null].map(value => Value.Check(schema, value)), [true, true, false, false, false])
})
