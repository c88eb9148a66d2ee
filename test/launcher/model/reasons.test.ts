import t from 'tap'
import { REASONS } from '../../../launcher/model/reasons.ts'

t.test('each reason is a name in PascalCase with one sentence', async t => {
  for (const [reason, sentence] of Object.entries(REASONS)) {
    t.match(reason, /^([A-Z][a-z]+)+$/)
    t.match(sentence, /^[A-Z].*\.$/, reason)
  }
})
