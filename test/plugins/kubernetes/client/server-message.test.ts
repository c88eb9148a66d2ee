import t from 'tap'
import { rawMessage, quoted } from '../../../../plugins/kubernetes/client/server-message.ts'

t.test('a message is put on one line and truncated', async t => {
  t.equal(rawMessage('rpc error: code = NotFound desc = no  such\nimage.'), 'no such image')
  t.equal(rawMessage(`a${'b'.repeat(400)}`), `a${'b'.repeat(299)}…`)
})

t.test('a quotation names its source, and is empty without a message', async t => {
  t.equal(quoted('the node', 'full.'), ' (the node: full)')
  t.equal(quoted('the node', ' '), '')
  t.equal(quoted('the node', undefined), '')
})
