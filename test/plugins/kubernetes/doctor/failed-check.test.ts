import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { skippedFinding } from '../../../../plugins/kubernetes/doctor/failed-check.ts'

const CANNOT = 'User "ann" cannot list resource "things"'

t.test('a failed check is skipped with the message of the server or the launcher', async t => {
  t.match(skippedFinding('a', 'The thing', new KubeApiError('GET /', 403, 'Forbidden', CANNOT)), {
    check: 'a',
    state: 'skipped',
    message: 'The thing could not be checked (the server: User "ann" cannot list resource "things").',
    help: /Jobs do not need this right/
  })
  const quota = 'pods "p" is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0'
  t.match(skippedFinding('a', 'The thing', new KubeApiError('POST /', 403, 'Forbidden', quota)), {
    help: /^Raise the quota that the server names/
  })
  t.match(skippedFinding('a', 'The thing', new KubeApiError('POST /', 403, 'Forbidden', 'pods is forbidden: x')), {
    help: /^Change the rule of the cluster/
  })
  t.match(skippedFinding('a', 'The thing', new KubeApiError('GET /', 500, '', 'broken')), {
    help: /Run the check again/
  })
  t.match(skippedFinding('a', 'The thing', new NoAnswerError('It was cut.', 'ECONNRESET', true)), {
    message: /\(the launcher: It was cut\)\.$/
  })
  t.match(skippedFinding('a', 'The thing', new LauncherError('ClusterUnavailable', 'no token')), {
    message: /no token/
  })
})

t.test('a defect is rethrown', async t => {
  const defect = new TypeError('defect')
  t.throws(() => skippedFinding('a', 'The thing', defect), defect)
})
