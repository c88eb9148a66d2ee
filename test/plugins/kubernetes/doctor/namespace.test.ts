import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { checkNamespace, trialFinding } from '../../../../plugins/kubernetes/doctor/namespace.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const refused = (status: number, message: string): KubeApiError =>
  new KubeApiError('POST /apis/batch/v1/x', status, 'Reason', message)

t.test('a readable namespace is read', async t => {
  for (const [status, body, state] of [
    [200, { status: { phase: 'Active' } }, 'ok'],
    [200, { status: { phase: 'Terminating' } }, 'missing'],
    [404, { kind: 'Status', reason: 'NotFound', message: 'namespaces "n" not found' }, 'missing']
  ] as const) {
    const { client, requests } = await tinyServer(t, (_, reply) => json(reply, status, body))
    t.match(await checkNamespace(client, 'n'), { check: 'namespace', state })
    t.strictSame(requests, ['GET /api/v1/namespaces/n'])
  }
})

t.test('the uid of a namespace that can be read is the id of the place of its jobs', async t => {
  const { client } = await tinyServer(t, (_, reply) => json(reply, 200, { metadata: { uid: 'u' } }))
  t.match(await checkNamespace(client, 'n'), { state: 'ok', jobPlaceId: 'u' })
})

t.test('an unreadable namespace is tested with a dry run of a Job', async t => {
  const { client, requests } = await tinyServer(t, (request, reply) =>
    json(reply, request.method === 'GET' ? 403 : 201, {})
  )
  t.match(await checkNamespace(client, 'n'), { state: 'ok' })
  t.strictSame(requests, ['GET /api/v1/namespaces/n', 'POST /apis/batch/v1/namespaces/n/jobs?dryRun=All'])
})

t.test('credentials that the API server does not accept are the reason why a namespace cannot be read', async t => {
  const { client } = await tinyServer(t, (_, reply) => json(reply, 401, { kind: 'Status', message: 'Unauthorized' }))
  t.match(await checkNamespace(client, 'n'), {
    state: 'skipped',
    message: 'The API server does not accept the credentials of the launcher (Kubernetes: 401 Unauthorized).',
    help: /^The operator renews .*job-launcher doctor/
  })
})

t.test('the rejection of the dry run shows whether the namespace exists', async t => {
  t.match(trialFinding('n', refused(404, 'namespaces "n" not found')), {
    state: 'missing',
    message: 'Namespace n does not exist (the server: namespaces "n" not found).',
    help: /kubectl create namespace n/
  })
  t.match(
    trialFinding('n', refused(403, 'unable to create new content in namespace n because it is being terminated')),
    { state: 'missing', message: /is being deleted/ }
  )
  t.match(trialFinding('n', refused(403, 'User "x" cannot create resource "jobs" in API group "batch"')), {
    state: 'skipped',
    message: /User "x" cannot create/
  })
  for (const [status, message] of [
    [403, 'exceeded quota: jobs'],
    [403, 'denied by policy'],
    [400, 'admission webhook does not support dry run'],
    [422, 'image is not allowed']
  ] as const) {
    t.equal(trialFinding('n', refused(status, message)), undefined, message)
  }
  t.match(trialFinding('n', new KubeApiError('POST /apis/batch/v1/x', 404, '', '404 page not found')), {
    state: 'skipped',
    message: 'Whether namespace n exists cannot be checked, because the API server does not serve batch/v1 (the ' +
      'server: 404 page not found).'
  })
  t.match(trialFinding('n', refused(500, 'broken')), { state: 'skipped', message: /broken/ })
  t.match(trialFinding('n', new NoAnswerError('It was cut.', 'ECONNRESET', true)), {
    state: 'skipped',
    message: /It was cut/
  })
})
