import t from 'tap'
import { noAnswer } from '../../../../plugins/kubernetes/client/transport-error.ts'

const coded = (code: string, message = 'it failed'): Error => Object.assign(new Error(message), { code })
const of = (error: unknown, deadline = false) => noAnswer(error, { server: 'https://api:6443' }, 'GET /x', deadline)

t.test('only a failure before the request was sent counts as not sent', async t => {
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'PROXY_REFUSED'
  ]) {
    t.match(of(coded(code)), { sent: false, reason: code })
  }
  for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT']) {
    t.match(of(coded(code)), { sent: true, reason: code })
  }
  t.match(of(new AggregateError([coded('ECONNREFUSED')])), { sent: false, reason: 'ECONNREFUSED' })
  t.match(of('odd'), { sent: true, reason: 'unknown' })
})

t.test('an untrusted certificate has the reason certificate', async t => {
  for (const code of [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER'
  ]) {
    t.match(of(coded(code)), { reason: 'certificate', sent: false, message: new RegExp(`is not trusted.*${code}`) })
  }
})

t.test('the client\'s own deadline has the reason deadline, and the cause is kept', async t => {
  const cause = coded('ECONNRESET', 'read ECONNRESET')
  t.match(of(cause, true), { reason: 'deadline', sent: true, cause })
  t.equal(of(cause).message, 'The API server https://api:6443 did not answer GET /x: read ECONNRESET.')
})

t.test('the proxy is named without its password', async t => {
  const access = { server: 'https://api:6443', proxy: 'http://me:secret@proxy:3128/' }
  t.equal(
    noAnswer(coded('ECONNRESET', 'it was cut'), access, 'GET /x', false).message,
    'The API server https://api:6443 (through the proxy http://proxy:3128) did not answer GET /x: it was cut.'
  )
})
