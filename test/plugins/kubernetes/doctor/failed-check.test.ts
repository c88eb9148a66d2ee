import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { skippedFinding } from '../../../../plugins/kubernetes/doctor/failed-check.ts'

t.test('a failed check is skipped with the message of the server or the launcher', async t => {
  t.match(skippedFinding('a', 'The thing', new KubeApiError('GET /', 403, 'Forbidden', 'no rights')), {
    check: 'a',
    state: 'skipped',
    message: 'The thing could not be checked (the server: no rights).',
    help: /Jobs do not need this right/
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
