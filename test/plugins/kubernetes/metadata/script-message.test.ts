import t from 'tap'
import { scriptFailure, scriptToken } from '../../../../plugins/kubernetes/metadata/script-message.ts'

const TOKEN = '0123456789abcdef'.repeat(2)

t.test('a message of the shell says why it did not become the program', async t => {
  for (const [message, failure] of [
    ['missing', { kind: 'missing' }],
    ['not-writable stdout sh: a\nb', { kind: 'not-writable', stream: 'stdout', words: 'sh: a\nb' }],
    ['not-writable stderr ', { kind: 'not-writable', stream: 'stderr', words: '' }],
    ['not-executed 127', { kind: 'not-executed', found: false }],
    ['not-executed 126', { kind: 'not-executed', found: true }],
    ['not-executed 127 found #!/no/R -x\r\nq()', { kind: 'not-executed', found: true, firstLine: '#!/no/R -x\r' }],
    ['not-executed 127 found #!/no/R', { kind: 'not-executed', found: true, firstLine: '#!/no/R' }],
    ['not-executed 127 found ELF', { kind: 'not-executed', found: true, firstLine: '' }],
    ['not-executed 127 found ', { kind: 'not-executed', found: true, firstLine: '' }]
  ] as const) {
    t.strictSame(scriptFailure(`job-launcher process logs: ${message}`), failure, message)
    t.equal(scriptToken(`job-launcher process logs: ${message}`), undefined)
    t.strictSame(scriptFailure(`job-launcher process logs: ${TOKEN} ${message}`), failure, message)
    t.equal(scriptToken(`job-launcher process logs: ${TOKEN} ${message}`), TOKEN)
  }
})

t.test('any other message is not one of the shell', async t => {
  for (const message of [
    undefined, '', 'missing', ...['', 'other', 'not-writable ', 'not-writable a b'].map(text =>
      `job-launcher process logs: ${text}`)
  ]) {
    t.equal(scriptFailure(message), undefined)
    t.equal(scriptToken(message), undefined)
  }
})
