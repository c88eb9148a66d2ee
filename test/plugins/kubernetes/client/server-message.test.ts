import t from 'tap'
import { rawMessage, said } from '../../../../plugins/kubernetes/client/server-message.ts'

t.test('what others said stands on one line that is not too long', async t => {
  t.equal(rawMessage('rpc error: code = NotFound desc = no  such\nimage.'), 'no such image')
  t.equal(rawMessage(`a${'b'.repeat(400)}`), `a${'b'.repeat(299)}…`)
})

t.test('it is said who said it, and nothing where nothing was said', async t => {
  t.equal(said('the node', 'full.'), ' (the node: full)')
  t.equal(said('the node', ' '), '')
  t.equal(said('the node', undefined), '')
})
