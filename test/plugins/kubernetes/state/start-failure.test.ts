import t from 'tap'
import { isLauncherError, RetryableError } from '../../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import {
  dryRunFailure, retryableIfFromServer, startFailure
} from '../../../../plugins/kubernetes/state/start-failure.ts'

const failureOf = (status: number, reason: string, message: string): unknown =>
  startFailure(new KubeApiError('POST /apis/batch/v1/x', status, reason, message), 'Job', 'rstudio')

t.test('a transient failure names what is missing and quotes the server', async t => {
  const cases: Array<[status: number, reason: string, message: string, expected: RegExp, word?: string]> = [
    [
      403,
      'Forbidden',
      'jobs.batch "j" is forbidden: exceeded quota: q, requested: count/jobs.batch=1, used: count/jobs.batch=5, ' +
      'limited: count/jobs.batch=5',
      /^The namespace rstudio has used up its quota \(q\), .* \(Kubernetes: jobs\.batch "j" is forbidden: exceeded quota: q/,
      'QuotaExceeded'
    ],
    [
      404,
      'NotFound',
      'namespaces "rstudio" not found',
      /^The namespace rstudio does not exist; .*\(Kubernetes: namespaces "rstudio" not found\)\.$/,
      'NamespaceNotFound'
    ],
    [
      401,
      'Unauthorized',
      'Unauthorized',
      /^The API server does not accept the credentials of the launcher \(Kubernetes: 401 Unauthorized\)\. The operator /,
      'RefusedByCluster'
    ],
    [
      404,
      '',
      '404 page not found',
      /^The API server does not serve batch\/v1, which has the Job of a job; the operator .*\(Kubernetes: 404 page not found\)/,
      'RefusedByCluster'
    ],
    [
      403,
      'Forbidden',
      'jobs.batch is forbidden: User "launcher" cannot create resource "jobs" in API group "batch" in the namespace ' +
      '"rstudio"',
      /^The launcher has no right to create jobs in the namespace rstudio; job-launcher doctor/,
      'RefusedByCluster'
    ],
    [
      403,
      'Forbidden',
      'jobs.batch "j" is forbidden: unable to create new content in namespace rstudio because it is being terminated',
      /^The namespace rstudio is being deleted/,
      'NamespaceNotFound'
    ],
    [
      500,
      'InternalError',
      'Internal error occurred: failed calling webhook "policy.example": failed to call webhook: no route to host',
      /^The cluster refuses the job's Job for now: the admission webhook policy\.example cannot be asked \(Kubernetes: /,
      'RefusedByCluster'
    ],
    [
      403,
      'Forbidden',
      'jobs.batch "j" is forbidden: not yet ready to handle request',
      /^The cluster does not accept a Job in the namespace rstudio now \(Kubernetes: /
    ]
  ]
  for (const [status, reason, message, expected, word] of cases) {
    const failure = failureOf(status, reason, message)
    t.ok(failure instanceof RetryableError, message)
    t.match((failure as RetryableError).message, expected)
    t.equal((failure as RetryableError).reason, word)
    t.match((failure as RetryableError).cause, { status })
  }
})

t.test('a rejection of the job itself is final', async t => {
  const refusals: Array<[status: number, reason: string, message: string, why?: string]> = [
    [422, 'Invalid', 'Job.batch "j" is invalid: spec.template.spec.containers[0].image: Required value'],
    [413, 'RequestEntityTooLarge', 'etcdserver: request is too large'],
    [400, 'BadRequest', 'Job in version "v1" cannot be handled as a Job'],
    [
      403, 'Forbidden', 'pods "j" is forbidden: violates PodSecurity "restricted:latest": x',
      'the Pod Security level restricted:latest of the namespace rstudio forbids it'
    ],
    [
      403, 'Forbidden', 'pods "j" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
      'a LimitRange of the namespace rstudio forbids it'
    ]
  ]
  for (const [status, reason, message, why] of refusals) {
    const refusal = failureOf(status, reason, message)
    t.ok(isLauncherError(refusal, why === undefined ? 'InvalidJob' : 'RefusedByCluster'), message)
    const because = why === undefined ? '' : `: ${why}`
    t.equal((refusal as Error).message, `The cluster rejects the job's Job${because} (Kubernetes: ${message}).`)
    t.match(refusal, { details: { object: 'Job' }, cause: { status } })
  }
})

t.test('what a webhook or a policy denies may pass for a start, and is final for a dry run', async t => {
  for (const [status, reason, message, why] of [
    [
      403, 'Forbidden', 'admission webhook "policy.example" denied the request: no',
      'the admission webhook policy.example denies it'
    ],
    [
      422, 'Invalid', "jobs \"j\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      'the policy p forbids it'
    ]
  ] as const) {
    const error = new KubeApiError('POST /apis/batch/v1/x', status, reason, message)
    const waits = startFailure(error, 'Job', 'rstudio') as RetryableError
    t.equal(waits.name, 'RetryableError')
    t.equal(waits.reason, 'RefusedByCluster')
    t.equal(waits.message, `The cluster refuses the job's Job for now: ${why} (Kubernetes: ${message}).`)
    const refusal = dryRunFailure(error, 'Job', 'rstudio') as Error
    t.match(refusal, { code: 'RefusedByCluster', details: { object: 'Job' } })
    t.equal(
      refusal.message,
      `The cluster rejects the job's Job: ${why} (Kubernetes: ${message}). Submitted anyway, the job waits for ` +
      'another decision.'
    )
  }
  const quota = new KubeApiError('POST /x', 403, 'Forbidden', 'exceeded quota: q')
  t.match(dryRunFailure(quota, 'Job', 'rstudio'), { name: 'RetryableError', reason: 'QuotaExceeded' })
  const defect = new TypeError('x')
  t.equal(dryRunFailure(defect, 'Job', 'rstudio'), defect)
})

t.test('any other error is returned unchanged', async t => {
  for (const error of [
    new NoAnswerError('x', 'ECONNREFUSED', false),
    new KubeApiError('x', 500, '', ''),
    new KubeApiError('x', 409, 'Conflict', ''),
    new KubeApiError('x', 429, '', ''),
    new TypeError('x')
  ]) {
    t.equal(startFailure(error, 'Job', 'rstudio'), error)
  }
})

t.test('a failure of the API server or of the connection may pass, and a defect stays one', async t => {
  for (const cause of [new KubeApiError('POST /x', 500, '', 'no'), new NoAnswerError('No answer.', 'deadline', true)]) {
    const failure = retryableIfFromServer(cause) as RetryableError
    t.ok(failure instanceof RetryableError)
    t.equal(failure.message, cause.message)
    t.equal(failure.cause, cause)
  }
  const defect = new TypeError('x')
  t.equal(retryableIfFromServer(defect), defect)
})
