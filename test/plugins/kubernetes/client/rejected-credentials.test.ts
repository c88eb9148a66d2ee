import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { rejectedCredentials, rejectsCredentials } from '../../../../plugins/kubernetes/client/rejected-credentials.ts'

t.test('only 401 rejects the credentials, and the sentence says what to renew', async t => {
  const error = new KubeApiError('GET /api/v1/namespaces/n', 401, 'Unauthorized', 'Unauthorized')
  t.ok(rejectsCredentials(error))
  t.notOk(rejectsCredentials(new KubeApiError('GET /x', 403, 'Forbidden', 'no')))
  t.notOk(rejectsCredentials(new NoAnswerError('x', 'ECONNREFUSED', false)))
  const { message, help } = rejectedCredentials(error)
  t.match(message, /credentials of the launcher \(Kubernetes: 401 Unauthorized\)\.$/)
  t.match(help, /token or the certificate .*job-launcher doctor/)
})
