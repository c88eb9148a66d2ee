import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('a call that changes something and has no Idempotency-Key refuses it, and does nothing', async t => {
  const { server } = await scriptedApp(t)
  const body = { name: 'n', command: 'true' }
  const headers = { 'idempotency-key': 'k' }
  const { id } = (await server.inject({ method: 'POST', url: '/v1/jobs', body, headers })).json()
  for (const [method, url, sent, path] of [
    ['PUT', '/v1/jobs/by-key/lab', body, '/v1/jobs/by-key/{key}'],
    ['DELETE', '/v1/jobs/by-key/lab', undefined, '/v1/jobs/by-key/{key}'],
    ['POST', '/v1/explain', body, '/v1/explain'],
    ['POST', `/v1/jobs/${id}/control`, { operation: 'kill' }, '/v1/jobs/{id}/control'],
    ['POST', '/v1/jobs/control', { operation: 'kill', all: true }, '/v1/jobs/control'],
    ['DELETE', `/v1/jobs/${id}`, undefined, '/v1/jobs/{id}']
  ] as const) {
    const reply = await server.inject({ method, url, headers, ...(sent !== undefined && { body: sent }) })
    t.match(reply.json(), {
      code: 'InvalidRequest',
      detail: `idempotency-key (header) is not accepted by ${method} ${path}: only POST /v1/jobs has it.`,
      help: 'Omit the header, or submit the job with POST /v1/jobs.',
      field: 'idempotency-key',
      in: 'header'
    })
  }
  t.match((await server.inject('/v1/jobs')).json(), { jobs: [{ id }] })
  t.notOk((await server.inject(`/v1/jobs/${id}`)).json().intent)
  t.equal((await server.inject('/v1/jobs')).json().jobs.length, 1, 'no job by the key was made')
})

t.test('a call that only reads ignores an Idempotency-Key, and a dry run accepts it', async t => {
  const { server } = await scriptedApp(t)
  const headers = { 'idempotency-key': 'k' }
  for (const method of ['GET', 'HEAD'] as const) {
    t.equal((await server.inject({ method, url: '/v1/jobs', headers })).statusCode, 200)
  }
  const body = { name: 'n', command: 'true' }
  const dry = await server.inject({ method: 'POST', url: '/v1/jobs?dryRun=true', body, headers })
  t.equal(dry.statusCode, 200)
  const real = await server.inject({ method: 'POST', url: '/v1/jobs', body, headers })
  t.equal(real.statusCode, 201, 'the key is unused')
  t.match((await server.inject({ method: 'POST', url: '/nope', body, headers })).json(), { code: 'RouteNotFound' })
})
