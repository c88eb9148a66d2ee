import t from 'tap'
import { openApiDocument } from '../../../launcher/http/open-api.ts'
import { openApiOperations } from '../../fixtures/open-api.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

type Document = Parameters<typeof openApiOperations>[0]

t.test('every route refuses a query field that it does not declare, and names it', async t => {
  const { server } = await scriptedApp(t)
  const body = { name: 'n', command: 'true' }
  const { id } = (await server.inject({ method: 'POST', url: '/v1/jobs', body })).json()
  const routes = openApiOperations(openApiDocument('0.0.0') as Document)
  const asked = [...routes, { method: 'GET', path: '/openapi.json' }].flatMap(({ method, path }) =>
    (method === 'GET' ? ['GET', 'HEAD'] as const : [method as 'POST' | 'PUT']).map(method => ({ method, path })))
  t.ok(asked.length > 20)
  for (const { method, path } of asked) {
    const url = path.replace('{id}', id).replace('{name}', 'Local')
    const reply = await server.inject({
      method,
      url: `${url}?nonsense=1`,
      ...(['POST', 'PUT'].includes(method) ? { body: path.endsWith('control') ? { operation: 'cancel' } : body } : {})
    })
    t.equal(reply.statusCode, 400, `${method} ${path}`)
    if (method !== 'HEAD') {
      t.match(reply.json(), { code: 'InvalidRequest', field: 'nonsense', in: 'query' }, `${method} ${path}`)
    }
  }
})

t.test('a control or a deletion with an unknown query field does nothing', async t => {
  const { server, jobs, plugin } = await scriptedApp(t)
  const { id } = (await server.inject({ method: 'POST', url: '/v1/jobs', body: { name: 'n', command: 'true' } })).json()
  const control = { method: 'POST', url: `/v1/jobs/${id}/control?dryRun=true`, body: { operation: 'kill' } } as const
  t.equal((await server.inject(control)).statusCode, 400)
  t.equal((await server.inject({ method: 'DELETE', url: `/v1/jobs/${id}?dryRun=true` })).statusCode, 400)
  t.ok(jobs.get(id))
  t.notOk(plugin.callsOf(id).some(call => call === 'kill' || call === 'forget'))
})

t.test('a query with escapes that are not UTF-8 is refused with its field', async t => {
  const { server } = await scriptedApp(t)
  for (const text of ['%FF', 'a%zz', '%', '%ED%A0%80']) {
    const reply = await server.inject(`/v1/jobs?limit=1&tag=${text}`)
    t.match(reply.json(), { status: 400, code: 'InvalidRequest', field: 'tag', in: 'query' }, text)
  }
  t.equal((await server.inject('/v1/jobs?tag=%C3%A9+%26%25')).statusCode, 200)
})
