import t from 'tap'
import { eventError, replyError } from '../../../../plugins/kubernetes/client/error-response.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')

t.test('the error has the reason and the message of the Status', async t => {
  const body = JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'pods "a"\nnot found', code: 404 })
  const error = replyError('GET /a', 404, body, undefined, NOW)
  t.match(error, { status: 404, reason: 'NotFound', serverMessage: 'pods "a" not found' })
  t.equal(error.retryAfterMs, undefined)
})

t.test('a reply that is not a Status is put on one line and truncated', async t => {
  t.match(replyError('GET /a', 502, '<html>\n  bad gateway\n</html>', undefined, NOW), {
    reason: '',
    serverMessage: '<html> bad gateway </html>'
  })
  t.equal(replyError('GET /a', 502, '', undefined, NOW).serverMessage, 'it gave no reason')
  const long = replyError('GET /a', 502, `${'x'.repeat(5000)}: the cause`, undefined, NOW).serverMessage
  t.equal(long.length, 2001)
  t.match(long, /^x+…x+: the cause$/)
  for (const body of ['null', '3', '{"kind":"Pod"}', '{"kind":"Status","reason":7,"message":null}']) {
    t.equal(replyError('GET /a', 500, body, undefined, NOW).reason, '', body)
  }
})

t.test('Retry-After is seconds or a date', async t => {
  const wait = (header: string | undefined) => replyError('GET /a', 429, '', header, NOW).retryAfterMs
  t.equal(wait('3'), 3000)
  t.equal(wait('0'), 0)
  t.equal(wait('Sat, 31 Jan 2026 12:00:05 GMT'), 5000)
  t.equal(wait('Sat, 31 Jan 2026 11:00:00 GMT'), 0)
  t.equal(wait('soon'), undefined)
  t.equal(wait(''), undefined)
})

t.test('the error of an ERROR event has the code of its Status', async t => {
  t.match(eventError('GET /a (watch)', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }), {
    status: 410,
    reason: 'Expired'
  })
  t.match(eventError('GET /a (watch)', undefined), { status: 500, reason: '' })
})
