import t from 'tap'
import { checkJobApi } from '../../../../plugins/kubernetes/doctor/job-api.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

t.test('the API of Jobs is served, switched off, or cannot be checked', async t => {
  for (const [status, state, message] of [
    [200, 'ok', /serves batch\/v1/],
    [404, 'missing', /does not serve batch\/v1, which has the Jobs \(the server: 404 page not found\)\.$/],
    [403, 'skipped', /could not be checked \(the server: no\)/]
  ] as const) {
    const { client, requests } = await tinyServer(t, (_, reply) => {
      if (status === 404) return reply.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
      json(reply, status, { kind: 'Status', reason: 'Forbidden', message: 'no' })
    })
    t.match(await checkJobApi(client), { check: 'job-api', state, message }, String(status))
    t.strictSame(requests, ['GET /apis/batch/v1'], 'the request is sent once')
  }
})
