import type { InjectOptions } from 'fastify'
import t from 'tap'
import { ERRORS, LauncherError, type ErrorCode, type ErrorDetails } from '../../../launcher/errors.ts'
import { launcherErrorOf, problemOf } from '../../../launcher/http/problem.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('each error has its problem details, and its facts cannot overwrite them', async t => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const { status, title, help } = ERRORS[code]
    t.strictSame(
      problemOf(
        new LauncherError(code, 'What is wrong.', {
          field: 'f',
          status: 1,
          code: 'x',
          detail: 'y',
          title: 'z',
          type: 'q',
          help: 'h'
        } as Record<string, unknown> as ErrorDetails)
      ),
      {
        field: 'f',
        type: `urn:job-launcher:error:${code}`,
        title,
        status,
        code,
        detail: 'What is wrong.',
        help
      }
    )
  }
})

t.test(
  'our errors stay, refusals of the server get our code, and defects reveal nothing',
  async t => {
    const ours = new LauncherError('JobNotFound', 'm')
    t.equal(launcherErrorOf(ours), ours)
    const cases: Array<[object, ErrorCode]> = [
      [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 'BodyTooLarge'],
      [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 'UnsupportedMediaType'],
      [{ code: 'FST_ERR_CTP_EMPTY_JSON_BODY', statusCode: 400 }, 'InvalidJson'],
      [{ code: 'FST_ERR_OTHER', statusCode: 422 }, 'InvalidRequest'],
      [{ code: 'FST_ERR_OTHER', statusCode: 500 }, 'InternalError'],
      [{ code: 'ENOSPC' }, 'StoreUnavailable'],
      [{}, 'InternalError']
    ]
    for (const [facts, code] of cases) {
      const error = Object.assign(new TypeError('secret detail'), facts)
      const shown = launcherErrorOf(error)
      t.equal(shown.code, code)
      t.equal(shown.cause, error)
      if (code === 'StoreUnavailable') t.match(shown.details, { retryAfterSeconds: 10 })
      if (code === 'InternalError' || code === 'StoreUnavailable') t.notMatch(shown.message, /secret/)
    }
    t.equal(
      launcherErrorOf(Object.assign(new SyntaxError('Unexpected token'), { statusCode: 400 })).code,
      'InvalidJson'
    )
  }
)

t.test('every bad request over HTTP gets problem details that name what is wrong', async t => {
  const { server } = await scriptedApp(t)
  const json = { 'content-type': 'application/json' }
  const cases: Array<[InjectOptions, ErrorCode, RegExp]> = [
    [{ method: 'POST', url: '/v1/jobs', headers: json, payload: '{"name":' }, 'InvalidJson', /JSON/],
    [{ method: 'POST', url: '/v1/jobs', headers: json, payload: '' }, 'InvalidJson', /empty/],
    [
      { method: 'POST', url: '/v1/jobs', headers: json, payload: '{"name":"n","__proto__":{}}' },
      'InvalidRequest',
      /^__proto__ \(body\) is not accepted/
    ],
    [
      {
        method: 'POST',
        url: '/v1/jobs',
        headers: json,
        payload: JSON.stringify({ name: 'n', stdin: 'x'.repeat(100_001) })
      },
      'BodyTooLarge',
      /too large/
    ],
    [
      { method: 'POST', url: '/v1/jobs', headers: { 'content-type': 'text/csv' }, payload: 'a,b' },
      'UnsupportedMediaType',
      /text\/csv/
    ],
    [
      { method: 'POST', url: '/v1/jobs', headers: json, payload: '{"name":"n","comand":"x"}' },
      'InvalidRequest',
      /^comand \(body\) is not a known field; did you mean command\?$/
    ],
    [{ method: 'GET', url: '/v1/jobs/nonsense' }, 'InvalidRequest', /^id \(path\) is not a job id/],
    [{ method: 'GET', url: '/v1/jobs?limit=0' }, 'InvalidRequest', /^limit \(query\)/],
    [{ method: 'GET', url: '/v1/nothing' }, 'RouteNotFound', /There is no route \/v1\/nothing/],
    [{ method: 'PUT', url: '/v1/jobs' }, 'MethodNotAllowed', /accepts .*GET.*, not PUT/],
    [{ method: 'GET', url: '/v1/jobs/%ZZ' }, 'InvalidRequest', /./]
  ]
  for (const [request, code, detail] of cases) {
    const reply = await server.inject(request)
    const name = `${request.method} ${String(request.url)} ${code}`
    t.equal(reply.statusCode, ERRORS[code].status, name)
    t.match(reply.headers['content-type'], /^application\/problem\+json/, name)
    t.match(reply.json(), { code, detail, status: ERRORS[code].status, type: `urn:job-launcher:error:${code}` }, name)
    t.notMatch(reply.json().detail, /\.\.$|\?\.$/, name)
  }
})
