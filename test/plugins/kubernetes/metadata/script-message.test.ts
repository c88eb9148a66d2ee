import t from 'tap'
import { scriptFailure } from '../../../../plugins/kubernetes/metadata/script-message.ts'

t.test('a message of the shell says why it did not become the program', async t => {
  for (const [message, failure] of [
    ['missing', { kind: 'missing' }],
    ['not-writable sh: a\nb', { kind: 'not-writable', words: 'sh: a\nb' }],
    ['not-writable ', { kind: 'not-writable', words: '' }],
    ['not-executed 127', { kind: 'not-executed', found: false }],
    ['not-executed 126', { kind: 'not-executed', found: true }]
  ] as const) {
    t.strictSame(scriptFailure(`job-launcher process logs: ${message}`), failure, message)
  }
})

t.test('any other message is not one of the shell', async t => {
  for (const message of [undefined, '', 'missing', 'job-launcher process logs: ', 'job-launcher process logs: other']) {
    t.equal(scriptFailure(message), undefined)
  }
})
