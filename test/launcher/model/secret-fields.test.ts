import t from 'tap'
import { isSecret } from '../../../launcher/model/secret-fields.ts'

t.test('all that is inside a secret field is secret', async t => {
  for (const path of [['stdin'], ['environment', '0', 'value'], ['secrets'], ['authorization']]) t.ok(isSecret(path))
  for (const path of [[], ['name'], ['args', '0'], ['resourceLimits', '0', 'value']]) t.notOk(isSecret(path))
})
