import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { dryRunOnServer, type Kind } from '../../../../plugins/kubernetes/admission/server-dry-run.ts'

const object = { metadata: { name: 'job-0' } }
const failing = (error: Error, kind: Kind = 'Job') =>
  dryRunOnServer(kind, object, {
    client: {
      call: async () => {
        throw error
      }
    },
    namespace: 'jobs'
  })

t.test('each object is posted once, as a dry run, to the path of its creation', async t => {
  const calls: Call[] = []
  const call = async <T>(call: Call): Promise<T> => {
    calls.push(call)
    return {} as T
  }
  for (const kind of ['Job', 'Service', 'Secret', 'Pod'] satisfies Kind[]) {
    t.strictSame(await dryRunOnServer(kind, object, { client: { call }, namespace: 'jobs' }), {
      verdict: { state: 'accepted' },
      stored: {}
    })
  }
  t.strictSame(
    calls.map(({ path }) => path),
    [
      '/apis/batch/v1/namespaces/jobs/jobs',
      ...['services', 'secrets', 'pods'].map(kind => `/api/v1/namespaces/jobs/${kind}`)
    ]
  )
  for (const { method, query, body, noRetry } of calls) {
    t.strictSame(
      { method, query, body, noRetry },
      { method: 'POST', query: { dryRun: 'All' }, body: object, noRetry: true }
    )
  }
})

t.test('a permanent error of the API server is a refusal', async t => {
  const { verdict, refusal } = await failing(
    new KubeApiError('POST x', 422, 'Invalid', 'Job.batch "x" is invalid: spec.y')
  )
  t.match(verdict, { state: 'refused', message: /spec\.y/ })
  t.match(refusal, { code: 'InvalidJob', message: verdict.message })
})

t.test('a transient error has the verdict waits, and a failed call has the verdict unknown', async t => {
  t.match(
    await failing(new KubeApiError('POST x', 403, 'Forbidden', 'exceeded quota: q, requested: count/jobs.batch=1')),
    { verdict: { state: 'waits', message: /quota/ }, reason: 'QuotaExceeded', refusal: undefined }
  )
  t.match(await failing(new KubeApiError('POST x', 500, 'InternalError', 'oops')), {
    verdict: { state: 'unknown', message: /oops/ },
    refusal: undefined
  })
  t.match(await failing(new NoAnswerError('the API server does not answer', 'ECONNREFUSED', false)), {
    verdict: { state: 'unknown', message: 'the API server does not answer' },
    refusal: undefined
  })
})

t.test('without the right to create pods the verdict on the pod is open, because a job does not need it', async t => {
  const message = 'pods is forbidden: User "l" cannot create resource "pods"'
  const error = new KubeApiError('POST x', 403, 'Forbidden', message)
  t.match(await failing(error, 'Pod'), {
    verdict: { state: 'unknown', message: /no right to create pods/ },
    refusal: undefined
  })
  t.match(await failing(error, 'Job'), { verdict: { state: 'waits' } })
})

t.test('a webhook that takes no dry runs leaves the verdict open', async t => {
  const message = 'admission webhook "x" does not support dry run'
  t.match(await failing(new KubeApiError('POST x', 400, 'BadRequest', message)), {
    verdict: { state: 'unknown', message: /does not support dry run/ },
    refusal: undefined
  })
})
