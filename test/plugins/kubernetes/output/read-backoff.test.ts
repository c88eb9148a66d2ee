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

/** What is waited after each of the readings, which gave something or not. */
function pauses (...gave: boolean[]): number[] {
  let tried: Attempts = NO_ATTEMPTS
  return gave.map(gave => msUntilNextRead(tried = afterRead(tried, gave)))
}

t.test(
  'a quiet log is read less and less often, up to a bound, and at the old pace when it gave something',
  async t => {
    t.equal(msUntilNextRead(NO_ATTEMPTS), 5000)
    t.strictSame(pauses(false, false, false, false), [10_000, 20_000, 20_000, 20_000])
    t.strictSame(pauses(false, false, true, true, false), [10_000, 20_000, 5000, 5000, 10_000])
  }
)

t.test(
  'a reading that failed is tried again soon, later after each failure, and leaves the pace as it was',
  async t => {
    let tried = afterRead(NO_ATTEMPTS, false)
    for (let failures = 1; failures < 20; failures++) {
      tried = afterFailure(tried)
      t.equal(tried.failures, failures)
      const most = Math.min(10_000, 200 * 2 ** (failures - 1))
      t.ok(
        Array.from({ length: 50 }, () => msUntilNextRead(tried)).every(ms => ms >= 0 && ms <= most),
        `at most ${most} ms`
      )
    }
    t.equal(msUntilNextRead(afterRead(tried, false)), 20_000)
  }
)

t.test('what is missing is lost when the server says so, or when the node does not give it for a minute', async t => {
  const said = (status: number, message: string) => new KubeApiError('GET /log', status, 'Reason', message)
  const soon: unknown[] = [
    said(404, 'pods "p" not found'),
    said(403, 'no'),
    said(400, 'container "content" in pod "p" is waiting to start: x'),
    said(400, 'container "content" in pod "p" is terminated')
  ]
  const late: unknown[] = [
    said(400, 'previous terminated container not found'),
    said(500, 'Get "https://node:10250/containerLogs/n/p/content": dial tcp: connection refused'),
    new NoAnswerError('silent', 'silence', false)
  ]
  const never: unknown[] = [
    said(500, 'etcd has no leader'),
    said(429, 'slow down'),
    new NoAnswerError('no route', 'network', false),
    new Error('disk')
  ]
  for (const error of soon) t.equal(isLost(error, 0), true, String(error))
  for (const error of late) t.strictSame([isLost(error, 60_000), isLost(error, 60_001)], [false, true], String(error))
  for (const error of never) t.equal(isLost(error, 1e9), false, String(error))
})
