import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { nextAttempt, type NextAttempt } from '../../../../plugins/kubernetes/client/retry.ts'

const answer = (status: number, retryAfterMs?: number, reason = ''): KubeApiError =>
  new KubeApiError('x', status, reason, 'said', retryAfterMs)
const cut = new NoAnswerError('cut', 'ECONNRESET', true)
const refused = new NoAnswerError('refused', 'ECONNREFUSED', false)
const untrusted = new NoAnswerError('untrusted', 'certificate', false)
const afterBackoff = { inMs: 400 }

/** At the second attempt, with the largest random number. */
const table: Array<[what: string, error: unknown, forGet: NextAttempt, forPost: NextAttempt]> = [
  ['429', answer(429), afterBackoff, afterBackoff],
  ['429 with Retry-After', answer(429, 2000), { inMs: 2500 }, { inMs: 2500 }],
  ['429 with a long Retry-After', answer(429, 600_000), { inMs: 75_000 }, { inMs: 75_000 }],
  ['503 with Retry-After', answer(503, 1000), { inMs: 1250 }, { inMs: 1250 }],
  ['503', answer(503), afterBackoff, 'stop'],
  ['500', answer(500), afterBackoff, 'stop'],
  ['502', answer(502), afterBackoff, 'stop'],
  ['504', answer(504), afterBackoff, 'stop'],
  ['409 AlreadyExists', answer(409, undefined, 'AlreadyExists'), 'stop', 'stop'],
  ['409 Conflict', answer(409, undefined, 'Conflict'), 'stop', afterBackoff],
  ['401', answer(401), 'refresh', 'refresh'],
  ['400', answer(400), 'stop', 'stop'],
  ['403', answer(403), 'stop', 'stop'],
  ['404', answer(404), 'stop', 'stop'],
  ['410', answer(410), 'stop', 'stop'],
  ['422', answer(422), 'stop', 'stop'],
  ['a cut connection', cut, afterBackoff, 'stop'],
  ['no connection', refused, afterBackoff, afterBackoff],
  ['a certificate that is not trusted', untrusted, 'stop', 'stop'],
  ['a defect', new TypeError('x'), 'stop', 'stop']
]

t.test('each failure is retried, refreshed or thrown, and a create of unknown outcome is never retried', async t => {
  for (const [what, error, forGet, forPost] of table) {
    t.strictSame(nextAttempt(error, 'GET', 2, false, () => 1), forGet, `GET: ${what}`)
    t.strictSame(nextAttempt(error, 'POST', 2, false, () => 1), forPost, `POST: ${what}`)
  }
})

t.test('a second 401 in one call is thrown', async t => {
  t.equal(nextAttempt(answer(401), 'GET', 2, true), 'stop')
})
