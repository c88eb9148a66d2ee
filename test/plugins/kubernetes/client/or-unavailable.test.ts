import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { orUnavailable } from '../../../../plugins/kubernetes/client/or-unavailable.ts'

const failing = (error: unknown) => orUnavailable('Kubernetes', () => Promise.reject(error))

t.test('a result is passed through', async t => {
  t.equal(await orUnavailable('Kubernetes', async () => 5), 5)
})

t.test('NoAnswerError and KubeApiError become ClusterUnavailable with their message', async t => {
  await t.rejects(failing(new NoAnswerError('The API server x did not answer.', 'ECONNREFUSED', false)), {
    code: 'ClusterUnavailable',
    message: 'The cluster Kubernetes cannot do this now. The API server x did not answer.',
    details: { cluster: 'Kubernetes' }
  })
  await t.rejects(failing(new KubeApiError('PATCH /jobs/a', 403, 'Forbidden', 'no rights')), {
    code: 'ClusterUnavailable',
    message: /403 Forbidden: no rights/
  })
})

t.test('any other error is passed through', async t => {
  await t.rejects(failing(new LauncherError('JobNotRunning', 'No.')), { code: 'JobNotRunning' })
  await t.rejects(failing(new TypeError('a defect')), { message: 'a defect', name: 'TypeError' })
})
