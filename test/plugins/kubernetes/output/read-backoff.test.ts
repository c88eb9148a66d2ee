import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import {
  NO_ATTEMPTS,
  afterFailure,
  afterRead,
  isLost,
  msUntilNextRead,
  type Attempts
} from '../../../../plugins/kubernetes/output/read-backoff.ts'

/** The pause after each read, with or without new output. */
function pauses (...hasNewOutput: boolean[]): number[] {
  let attempts: Attempts = NO_ATTEMPTS
  return hasNewOutput.map(hasNewOutput => msUntilNextRead(attempts = afterRead(attempts, hasNewOutput)))
}

t.test(
  'the pause doubles up to a limit while there is no new output, and is reset by new output',
  async t => {
    t.equal(msUntilNextRead(NO_ATTEMPTS), 5000)
    t.strictSame(pauses(false, false, false, false), [10_000, 20_000, 20_000, 20_000])
    t.strictSame(pauses(false, false, true, true, false), [10_000, 20_000, 5000, 5000, 10_000])
  }
)

t.test(
  'a failed read is retried with exponential backoff and does not change the pause',
  async t => {
    let attempts = afterRead(NO_ATTEMPTS, false)
    for (let failures = 1; failures < 20; failures++) {
      attempts = afterFailure(attempts)
      t.equal(attempts.failures, failures)
      const most = Math.min(10_000, 200 * 2 ** (failures - 1))
      t.ok(
        Array.from({ length: 50 }, () => msUntilNextRead(attempts)).every(ms => ms >= 0 && ms <= most),
        `at most ${most} ms`
      )
    }
    t.equal(msUntilNextRead(afterRead(attempts, false)), 20_000)
  }
)

t.test('missing output is lost if the server says so, or if the node does not return it for a minute', async t => {
  const apiError = (status: number, message: string) => new KubeApiError('GET /log', status, 'Reason', message)
  const soon: unknown[] = [
    apiError(404, 'pods "p" not found'),
    apiError(403, 'no'),
    apiError(400, 'container "content" in pod "p" is waiting to start: x'),
    apiError(400, 'container "content" in pod "p" is terminated')
  ]
  const late: unknown[] = [
    apiError(400, 'previous terminated container not found'),
    apiError(500, 'Get "https://node:10250/containerLogs/n/p/content": dial tcp: connection refused'),
    apiError(500, 'no preferred addresses found; known addresses: []'),
    new NoAnswerError('silent', 'silence', false)
  ]
  const never: unknown[] = [
    apiError(500, 'etcd has no leader'),
    apiError(429, 'slow down'),
    new NoAnswerError('no route', 'network', false),
    new Error('disk')
  ]
  for (const error of soon) t.equal(isLost(error, 0), true, String(error))
  for (const error of late) t.strictSame([isLost(error, 60_000), isLost(error, 60_001)], [false, true], String(error))
  for (const error of never) t.equal(isLost(error, 1e9), false, String(error))
})
