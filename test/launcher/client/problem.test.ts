import t from 'tap'
import { problemError } from '../../../launcher/client/problem.ts'

t.test('a problem becomes the error with the same code, message and details', async t => {
  const body = JSON.stringify({
    type: 'about:blank',
    title: 'There is no such job',
    status: 404,
    detail: 'There is no job x.',
    code: 'JobNotFound',
    help: '…',
    job: 'x'
  })
  const error = problemError(404, body, 'GET /v1/jobs/x')
  t.equal(error.code, 'JobNotFound')
  t.equal(error.message, 'There is no job x.')
  t.same(error.details, { job: 'x' })
})

t.test('an unknown code of a newer launcher is kept in the message', async t => {
  const error = problemError(418, JSON.stringify({ code: 'Newer', title: 'Something new' }), 'GET /')
  t.equal(error.code, 'InternalError')
  t.equal(error.message, 'Newer: Something new')
})

t.test('a reply that is not a problem did not come from a launcher', async t => {
  for (const body of ['<html>', '', 'null', '{"code":7}']) {
    t.match(
      problemError(502, body, 'GET /v1/jobs'),
      { code: 'LauncherUnreachable', message: /GET \/v1\/jobs is not a launcher: HTTP status 502/ },
      body
    )
  }
})
