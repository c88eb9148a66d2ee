import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { lacksRight, missingRight } from '../../../../plugins/kubernetes/client/missing-right.ts'

t.test('a missing right is recognized, and named with its verb and resource', async t => {
  const message = 'pods "p" is forbidden: User "l" cannot get resource "pods/log" in API group "" in the namespace "n"'
  const error = new KubeApiError('GET /x', 403, 'Forbidden', message)
  t.ok(lacksRight(error))
  t.equal(
    missingRight(error, 'n'),
    'The launcher has no right to get pods/log in the namespace n; job-launcher doctor shows what is missing ' +
      `(Kubernetes: ${message}).`
  )
})

t.test('another refusal is not a missing right', async t => {
  for (const error of [
    new KubeApiError('POST /x', 403, 'Forbidden', 'pods "p" is forbidden: exceeded quota: q'),
    new KubeApiError('POST /x', 422, 'Invalid', 'User "l" cannot get resource "pods"'),
    new TypeError('User "l" cannot get resource "pods"')
  ]) t.notOk(lacksRight(error))
})
