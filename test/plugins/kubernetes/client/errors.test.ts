import t from 'tap'
import {
  ignoreNotFound,
  KubeApiError,
  NoAnswerError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isNotFound,
  isNotServed,
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
    [answer(404, '', '404 page not found'), { notServed: true }],
    [answer(404, 'NotFound', 'the server could not find the requested resource'), { notServed: true }],
    [answer(410, 'Expired'), { gone: true }]
  ]
  for (const [error, expected] of table) {
    const nothing = {
      alreadyExists: false,
      conflict: false,
      quota: false,
      forbidden: false,
      notFound: false,
      notServed: false,
      gone: false
    }
    t.strictSame(
      {
        alreadyExists: isAlreadyExists(error),
        conflict: isConflict(error),
        quota: isQuota(error),
        forbidden: isForbidden(error),
        notFound: isNotFound(error),
        notServed: isNotServed(error),
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
  const paths = { '/apis/batch/v1/namespaces/n/jobs': 'batch/v1', '/api/v1/namespaces/n/pods': 'v1' }
  for (const [path, api] of Object.entries(paths)) {
    t.match(new KubeApiError(`GET ${path}`, 404, '', '404 page not found'), {
      api,
      message: `The API server does not serve ${api}: it answered GET ${path} with 404: 404 page not found`
    })
  }
})

t.test(
  'a call without error for a missing object resolves with the object, with undefined after a 404, and rejects with ' +
  'any other error',
  async t => {
    t.equal(await ignoreNotFound(Promise.resolve(5)), 5)
    t.equal(
      await ignoreNotFound(Promise.reject(new KubeApiError('GET /jobs/a', 404, 'NotFound', 'no such job'))),
      undefined
    )
    await t.rejects(ignoreNotFound(Promise.reject(new KubeApiError('GET /jobs/a', 403, 'Forbidden', 'no'))), {
      message: /403 Forbidden/
    })
  }
)
