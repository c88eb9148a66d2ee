import t from 'tap'
import { fieldOfInvalidByte, halfCharacterField } from '../../../launcher/http/unicode-text.ts'

t.test('the field with half of a character is named, in values and in names', async t => {
  t.equal(halfCharacterField({ a: '😀', b: ['x', { c: 'n\ud800' }] }), 'b[1].c')
  t.equal(halfCharacterField({ metadata: { 'k\udfff': 1 } }), 'metadata.k\uFFFD')
  t.equal(halfCharacterField({ a: '\ud83d\ude00', b: null, c: 1 }), undefined)
})

t.test('the field with the first byte that is not UTF-8 is named, in values and in names', async t => {
  const latin = (text: string) => fieldOfInvalidByte(Buffer.from(text, 'latin1'))
  t.equal(latin('{"name":"n","args":["a","caf\xe9"],"tags":["\xff"]}'), 'args[1]')
  t.equal(latin('{"a":{"n\xe9":1}}'), 'a.n\uFFFD')
  t.equal(latin('{"a":"}]\\"{","b":"\xe9"}'), 'b', 'brackets inside of text open and close nothing')
  t.equal(latin('{"a":"\xc3'), 'a', 'text that ends inside of a character')
  t.equal(fieldOfInvalidByte(Buffer.concat([Buffer.from('{"a":"é\uFFFD","b":"'), Buffer.of(0xf5, 0x22, 0x7d)])), 'b')
  for (const text of ['\xff', '{\xff}', '{"a":1\xe9}', '{"a":"\\\xe9"}']) t.equal(latin(text), undefined, text)
})
