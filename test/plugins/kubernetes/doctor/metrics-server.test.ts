import t from 'tap'
import { checkMetricsServer } from '../../../../plugins/kubernetes/doctor/metrics-server.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

t.test('a metrics server is present, absent, unavailable or forbidden to read', async t => {
  for (const [status, state, message] of [
    [200, 'ok', /measures/],
    [404, 'warning', /no metrics server answers \(the server: said so\)/],
    [503, 'warning', /no metrics server answers/],
    [403, 'skipped', /could not be checked/]
  ] as const) {
    const { client, requests } = await tinyServer(t, (_, reply) =>
      json(reply, status, status === 200 ? {} : { kind: 'Status', message: 'said so' })
    )
    t.match(await checkMetricsServer(client), { check: 'metrics-server', state, message }, String(status))
    t.strictSame(requests, ['GET /apis/metrics.k8s.io/v1beta1'], 'the request is sent once')
  }
})
