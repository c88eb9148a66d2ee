import t from 'tap'
import {
  KubeApiError,
  NoAnswerError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isNotFound,
  isOutcomeUnknown,
  isQuota
} from '../../../../plugins/kubernetes/client/errors.ts'

const answer = (status: number, reason = '', message = 'said', retryAfterMs?: number): KubeApiError =>
  new KubeApiError('POST /x', status, reason, message, retryAfterMs)

t.test('the predicates distinguish the two kinds of 409 and the two kinds of 403', async t => {
  const table: Array<[KubeApiError, Record<string, boolean>]> = [
    [answer(409, 'AlreadyExists'), { alreadyExists: true }],
    [answer(409, 'Conflict'), { conflict: true }],
    [answer(403, 'Forbidden', 'pods "a" is forbidden: exceeded quota: q, requested: pods=1'), { quota: true }],
    [answer(403, 'Forbidden', 'User "u" cannot list'), { forbidden: true }],
    [answer(404, 'NotFound'), { notFound: true }],
    [answer(410, 'Expired'), { gone: true }]
  ]
  for (const [error, expected] of table) {
    const nothing = {
      alreadyExists: false,
      conflict: false,
      quota: false,
      forbidden: false,
      notFound: false,
      gone: false
    }
    t.strictSame(
      {
        alreadyExists: isAlreadyExists(error),
        conflict: isConflict(error),
        quota: isQuota(error),
        forbidden: isForbidden(error),
        notFound: isNotFound(error),
        gone: isGone(error)
      },
      { ...nothing, ...expected },
      error.message
    )
  }
  t.equal(isNotFound(new TypeError('404')), false)
})

t.test('the outcome is unknown if the request may have been carried out', async t => {
  for (const status of [500, 502, 503, 504]) t.ok(isOutcomeUnknown(answer(status)), String(status))
  for (const status of [400, 401, 403, 404, 409, 422, 429]) t.notOk(isOutcomeUnknown(answer(status)), String(status))
  t.notOk(isOutcomeUnknown(answer(503, '', 'busy', 1000)), 'a server that sends Retry-After has done nothing')
  t.ok(isOutcomeUnknown(new NoAnswerError('cut', 'ECONNRESET', true)))
  t.notOk(isOutcomeUnknown(new NoAnswerError('refused', 'ECONNREFUSED', false)))
})

t.test("the message names the request and quotes the server's message", async t => {
  t.equal(
    answer(422, 'Invalid', 'spec is wrong').message,
    'The API server answered POST /x with 422 Invalid: spec is wrong'
  )
  t.equal(answer(502).message, 'The API server answered POST /x with 502: said')
})
