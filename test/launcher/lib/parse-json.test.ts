import t from 'tap'
import { parseObject } from '../../../launcher/lib/parse-json.ts'

t.test('an object is parsed, and any other text gives undefined', async t => {
  t.strictSame(parseObject('{"a":[1]}'), { a: [1] })
  for (const text of ['', '{', 'undefined', 'null', '5', '"a"']) t.equal(parseObject(text), undefined)
})
