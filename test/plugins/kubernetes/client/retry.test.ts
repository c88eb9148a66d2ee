import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { nextTry, type NextTry } from '../../../../plugins/kubernetes/client/retry.ts'

const answer = (status: number, retryAfterMs?: number, reason = ''): KubeApiError =>
  new KubeApiError('x', status, reason, 'said', retryAfterMs)
const cut = new NoAnswerError('cut', 'ECONNRESET', true)
const refused = new NoAnswerError('refused', 'ECONNREFUSED', false)
const untrusted = new NoAnswerError('untrusted', 'certificate', false)
const soon = { inMs: 400 }

/** At the second try, with chance at its largest. */
const table: Array<[what: string, error: unknown, forGet: NextTry, forPost: NextTry]> = [
  ['429', answer(429), soon, soon],
  ['429 with a wait', answer(429, 2000), { inMs: 2500 }, { inMs: 2500 }],
  ['429 with a long wait', answer(429, 600_000), { inMs: 75_000 }, { inMs: 75_000 }],
  ['503 with a wait', answer(503, 1000), { inMs: 1250 }, { inMs: 1250 }],
  ['503', answer(503), soon, 'stop'],
  ['500', answer(500), soon, 'stop'],
  ['502', answer(502), soon, 'stop'],
  ['504', answer(504), soon, 'stop'],
  ['409 AlreadyExists', answer(409, undefined, 'AlreadyExists'), 'stop', 'stop'],
  ['409 Conflict', answer(409, undefined, 'Conflict'), 'stop', soon],
  ['401', answer(401), 'refresh', 'refresh'],
  ['400', answer(400), 'stop', 'stop'],
  ['403', answer(403), 'stop', 'stop'],
  ['404', answer(404), 'stop', 'stop'],
  ['410', answer(410), 'stop', 'stop'],
  ['422', answer(422), 'stop', 'stop'],
  ['a cut connection', cut, soon, 'stop'],
  ['no connection', refused, soon, soon],
  ['a certificate that is not trusted', untrusted, 'stop', 'stop'],
  ['a defect', new TypeError('x'), 'stop', 'stop']
]

t.test('each failure has its next step, which for a create is not a blind repeat', async t => {
  for (const [what, error, forGet, forPost] of table) {
    t.strictSame(nextTry(error, 'GET', 2, false, () => 1), forGet, `GET: ${what}`)
    t.strictSame(nextTry(error, 'POST', 2, false, () => 1), forPost, `POST: ${what}`)
  }
})

t.test('credentials are read again once a call', async t => {
  t.equal(nextTry(answer(401), 'GET', 2, true), 'stop')
})
