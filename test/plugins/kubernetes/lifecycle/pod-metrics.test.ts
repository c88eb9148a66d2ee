import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { readPodUsage, usageOf } from '../../../../plugins/kubernetes/lifecycle/pod-metrics.ts'

const timestamp = '2026-01-31T12:00:00Z'
const metrics = (...usages: Array<[cpu: string, memory: string]>) => ({
  timestamp,
  containers: usages.map(([cpu, memory]) => ({ usage: { cpu, memory } }))
})

t.test('quantities are parsed to numbers of CPUs and of bytes', async t => {
  const cases: Array<[text: string, value: number]> = [
    ['0', 0],
    ['2', 2],
    ['250m', 0.25],
    ['1500u', 0.0015],
    ['3n', 3e-9],
    ['0.5', 0.5],
    ['1e3', 1000],
    ['12E-1', 1.2],
    ['1k', 1000],
    ['1E', 1e18],
    ['128Ki', 131_072],
    ['3Mi', 3_145_728],
    ['1.5Gi', 1_610_612_736],
    ['1Ti', 2 ** 40],
    ['2M', 2e6],
    ['1G', 1e9],
    ['4096', 4096],
    ['', 0],
    ['nonsense', 0],
    ['5x', 0]
  ]
  for (const [text, value] of cases) {
    t.ok(Math.abs(usageOf(metrics([text, '0'])).cpus! - value) <= value * 1e-12, text)
    t.equal(usageOf(metrics(['0', text])).residentBytes, usageOf(metrics([text, '0'])).cpus, text)
  }
})

t.test('the containers of a pod are added up', async t => {
  t.strictSame(usageOf(metrics(['250m', '1Ki'], ['500m', '1Ki'])), {
    time: Date.parse(timestamp),
    cpus: 0.75,
    residentBytes: 2048
  })
  t.strictSame(usageOf(metrics()), { time: Date.parse(timestamp), cpus: 0, residentBytes: 0 })
})

t.test('one request without retries returns the usage', async t => {
  const calls: Call[] = []
  const usage = await readPodUsage(
    {
      async call<T> (call: Call) {
        calls.push(call)
        return metrics(['1', '1']) as T
      }
    },
    'n',
    'p'
  )
  t.match(usage, { cpus: 1, residentBytes: 1 })
  t.strictSame(calls, [{ method: 'GET', path: '/apis/metrics.k8s.io/v1beta1/namespaces/n/pods/p', noRetry: true }])
})

t.test('each cause of unavailable usage has its own message', async t => {
  const cases: Array<[error: Error, expected: RegExp]> = [
    [
      new KubeApiError('x', 404, 'NotFound', 'podmetrics.metrics.k8s.io "n/p-123" not found'),
      /has not measured the job yet\.$/
    ],
    [
      new KubeApiError('x', 404, 'NotFound', 'the server could not find the requested resource'),
      /has no metrics server \(metrics\.k8s\.io\)\.$/
    ],
    [new KubeApiError('x', 404, '', '404 page not found'), /has no metrics server/],
    [
      new KubeApiError('x', 403, 'Forbidden', 'pods.metrics.k8s.io "p-123" is forbidden'),
      /no right to read metrics\.k8s\.io\.$/
    ],
    [
      new KubeApiError('x', 503, 'ServiceUnavailable', 'service unavailable'),
      /does not answer: service unavailable\.$/
    ],
    [
      new NoAnswerError('The API server at x does not answer.', 'deadline', true),
      /does not answer: The API server at x does not answer\.$/
    ]
  ]
  for (const [error, message] of cases) {
    await t.rejects(
      readPodUsage(
        async () => {
          throw error
        },
        'n',
        'p-123'
      ),
      { name: 'LauncherError', code: 'ResourcesNotAvailable', message, cause: error },
      error.message
    )
  }
  await t.rejects(readPodUsage(async () => { throw new TypeError('defect') }, 'n', 'p'), { name: 'TypeError' })
})
