import t from 'tap'
import { rawMessage, quoted, quotedEnd } from '../../../../plugins/kubernetes/client/server-message.ts'

t.test('a message is put on one line, and a long one keeps its begin and its end', async t => {
  t.equal(rawMessage('rpc error: code = NotFound desc = no  such\nimage.'), 'no such image')
  const long = `mount failed: ${'b'.repeat(400)}: not a directory`
  t.equal(rawMessage(long), `${long.slice(0, 100)}…${long.slice(-200)}`)
  t.equal(rawMessage('c'.repeat(300)), 'c'.repeat(300))
  t.ok(rawMessage('\u{1F600}'.repeat(301), 301).isWellFormed(), 'no character is cut in half')
})

t.test('a quotation names its source, and is empty without a message', async t => {
  t.equal(quoted('the node', 'full.'), ' (the node: full)')
  t.equal(quoted('the node', ' '), '')
  t.equal(quoted('the node', undefined), '')
})

t.test('escape sequences, control characters and those that turn the direction of text are removed', async t => {
  t.equal(rawMessage('\u001B[1;31mfull\u001B[0m\u0007 \u001B]0;title\u0007disk\u202E!\u0000'), 'full disk !')
})

t.test('a quotation of what a program wrote keeps its end', async t => {
  t.equal(quotedEnd('it says', 'first\nlast.'), ' (it says: first last)')
  const end = `${'a'.repeat(983)} the disk is full`
  t.equal(quotedEnd('it says', `aaaa${end}`), ` (it says: …${end})`)
  t.equal(quotedEnd('it says', undefined), '')
})
