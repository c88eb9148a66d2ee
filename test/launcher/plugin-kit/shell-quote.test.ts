import t from 'tap'
import { quote } from '../../../launcher/plugin-kit/shell-quote.ts'

t.test('a quoted word cannot be ended from inside', async t => {
  t.equal(quote("it's"), "'it'\\''s'")
})
