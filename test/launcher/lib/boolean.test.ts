import t from 'tap'
import { parseBoolean } from '../../../launcher/lib/boolean.ts'

t.test('the usual spellings are read in any case', async t => {
  for (const text of ['true', 'yes', 'on', '1', 'TRUE', 'Yes']) t.equal(parseBoolean(text), true, text)
  for (const text of ['false', 'no', 'off', '0', 'OFF', 'False']) t.equal(parseBoolean(text), false, text)
})

t.test('any other spelling is not a boolean', async t => {
  for (const text of ['', 'maybe', '2', 'constructor', 'tru', 'y']) t.equal(parseBoolean(text), undefined, text)
})
