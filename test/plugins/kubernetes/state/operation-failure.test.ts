import t from 'tap'
import { LauncherError, RetryableError } from '../../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { asOperation, isRefused } from '../../../../plugins/kubernetes/state/operation-failure.ts'

const WHERE = { cluster: 'Kubernetes', namespace: 'jobs' }
const answer = (status: number, reason: string, message: string): KubeApiError =>
  new KubeApiError('PATCH /apis/batch/v1/namespaces/jobs/jobs/a', status, reason, message)
const failing = (error: unknown) => asOperation(WHERE, () => Promise.reject(error))

const DENIED = "jobs.batch \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"
const NO_RIGHT = 'jobs.batch "a" is forbidden: User "l" cannot patch resource "jobs" in API group "batch"'

t.test('the result of an operation is passed through', async t => {
  t.equal(await asOperation(WHERE, async () => 5), 5)
})

t.test('an operation that the cluster refuses names the rule or the missing right', async t => {
  const cases: Array<[error: KubeApiError, message: string]> = [
    [
      answer(422, 'Invalid', DENIED),
      `The cluster Kubernetes refuses this: the policy p forbids it (Kubernetes: ${DENIED}).`
    ],
    [
      answer(403, 'Forbidden', NO_RIGHT),
      'The launcher has no right to patch jobs in the namespace jobs; job-launcher doctor shows what is missing ' +
        `(Kubernetes: ${NO_RIGHT}).`
    ],
    [
      answer(500, 'InternalError', 'Internal error occurred: failed calling webhook "w": timeout'),
      'The cluster Kubernetes refuses this: the admission webhook w cannot be asked (Kubernetes: Internal error ' +
        'occurred: failed calling webhook "w": timeout).'
    ],
    [answer(403, 'Forbidden', 'no'), 'The cluster Kubernetes refuses this (Kubernetes: no).']
  ]
  for (const [error, message] of cases) {
    t.ok(isRefused(error))
    for (const thrown of [error, new RetryableError('later', { cause: error })]) {
      const failure = await failing(thrown).catch((error: unknown) => error) as LauncherError
      t.match(failure, { code: 'RefusedByCluster', details: { cluster: 'Kubernetes' }, cause: error })
      t.equal(failure.message, message)
    }
  }
})

t.test('a cluster that does not answer, or fails, is unavailable', async t => {
  for (const error of [
    new NoAnswerError('The API server x did not answer.', 'ECONNREFUSED', false),
    answer(500, 'InternalError', 'etcdserver: request timed out'),
    answer(404, '', '404 page not found'),
    answer(401, 'Unauthorized', 'Unauthorized')
  ]) {
    t.notOk(isRefused(error))
    const failure = await failing(error).catch((error: unknown) => error) as LauncherError
    t.match(failure, { code: 'ClusterUnavailable', details: { cluster: 'Kubernetes' } })
    t.equal(failure.message, `The cluster Kubernetes cannot do this now. ${error.message}`)
  }
})

t.test('an error that is not of the cluster is passed through', async t => {
  for (const error of [
    new LauncherError('JobNotRunning', 'No.'), new TypeError('a defect'), new RetryableError('no room')
  ]) t.equal(await failing(error).catch((error: unknown) => error), error)
})
