import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { orUnavailable } from '../../../../plugins/kubernetes/client/or-unavailable.ts'

const failing = (error: unknown) => orUnavailable('Kubernetes', () => Promise.reject(error))

t.test('what works is handed on', async t => {
  t.equal(await orUnavailable('Kubernetes', async () => 5), 5)
})

t.test('no answer and a refusal of the API server are told as such, with its own words', async t => {
  await t.rejects(failing(new NoAnswerError('The API server x did not answer.', 'ECONNREFUSED', false)), {
    code: 'ClusterUnavailable',
    message: 'The cluster Kubernetes does not do this now. The API server x did not answer.',
    details: { cluster: 'Kubernetes' }
  })
  await t.rejects(failing(new KubeApiError('PATCH /jobs/a', 403, 'Forbidden', 'no rights')), {
    code: 'ClusterUnavailable',
    message: /403 Forbidden: no rights/
  })
})

t.test('everything else stays what it is', async t => {
  await t.rejects(failing(new LauncherError('JobNotRunning', 'No.')), { code: 'JobNotRunning' })
  await t.rejects(failing(new TypeError('a defect')), { message: 'a defect', name: 'TypeError' })
})
