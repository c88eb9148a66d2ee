import t from 'tap'
import { largeNumberField } from '../../../launcher/http/large-number.ts'

t.test('the first number that JSON cannot have is named', async t => {
  t.equal(largeNumberField(JSON.parse('{"a":[1,{"b":1e308,"c":-1e309}],"d":1e400}')), 'a[1].c')
  t.equal(largeNumberField(JSON.parse('1e309')), '')
  t.equal(largeNumberField(JSON.parse(`{"a":${'9'.repeat(400)}}`)), 'a')
  t.equal(largeNumberField(JSON.parse('{"a":[1.7976931348623157e308,"1e400",null,true]}')), undefined)
})
