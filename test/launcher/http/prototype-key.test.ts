import t from 'tap'
import { mayHavePrototypeKey, prototypeKey } from '../../../launcher/http/prototype-key.ts'

const find = (json: string) => prototypeKey(JSON.parse(json))

t.test('a key that changes prototypes is found at every depth, with its path', async t => {
  t.strictSame(find('{"__proto__":null}'), { field: '__proto__', key: '__proto__' })
  t.strictSame(find('[0,{"a":{"__proto__":1}}]'), { field: '[1].a.__proto__', key: '__proto__' })
  t.strictSame(find('{"b":1,"a":[{"constructor":{"x":1,"prototype":null}}]}'), {
    field: 'a[0].constructor', key: 'constructor with prototype inside it'
  })
  t.match(find(`{"${'k'.repeat(1000)}":{"__proto__":1}}`), { field: /^k{80}….__proto__$/ })
})

t.test('other keys, values and kinds of body are no such key', async t => {
  const texts = [
    'null', '"__proto__"', '["__proto__","constructor"]', '{"constructor":{"a":1},"prototype":{}}',
    '{"constructor":null}', '{"constructor":"prototype"}', '{"constructor":[{"prototype":1}]}', '{"proto":1}'
  ]
  for (const text of texts) t.equal(find(text), undefined, text)
})

t.test('a text is searched for such keys only if it may have one', async t => {
  for (const text of ['{"__proto__":1}', '{"constructor":1}']) {
    t.equal(mayHavePrototypeKey(Buffer.from(text)), true, text)
  }
  t.equal(mayHavePrototypeKey(Buffer.from('{"a":"_proto_","b":"prototype"}')), false)
})
