import t from 'tap'
import { truncated, TRUNCATIONS } from '../../../launcher/model/output-truncated.ts'

t.test('each code is a name in PascalCase with a sentence', async t => {
  for (const [reason, message] of Object.entries(TRUNCATIONS)) {
    t.match(reason, /^([A-Z][a-z]+)+$/)
    t.match(message, /^[A-Z].*\.$/, reason)
    t.strictSame(truncated(reason as keyof typeof TRUNCATIONS), { reason, message })
  }
})
