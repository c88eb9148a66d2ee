import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import {
  createUsageReader, RESOLUTION_MS, UNREAD_FAILURE_MS, UNREAD_MS, usageOfTable, type MetricsTable
} from '../../../../plugins/kubernetes/lifecycle/usage-reader.ts'
import { trackPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { podOf } from '../sample-views.ts'

const COLUMNS = ['Name', 'cpu', 'memory', 'Window'].map(name => ({ name }))
const table = (...rows: string[][]): MetricsTable => ({
  kind: 'Table', columnDefinitions: COLUMNS, rows: rows.map(cells => ({ cells }))
})

function scene (...replies: unknown[]) {
  const calls: Call[] = []
  const clock = { now: 0, isRead: true }
  const reader = createUsageReader({
    namespace: 'n',
    instance: 'i',
    now: () => clock.now,
    client: {
      now: () => 5000,
      async call<T> (call: Call) {
        calls.push(call)
        const reply = replies.length > 1 ? replies.shift() : replies[0]
        if (reply instanceof Error) throw reply
        return reply as T
      }
    },
    cache: { podsOf: id => id === 'none' ? [] : [trackPod(undefined, podOf({ name: `pod-${id}` }))] }
  })
  const read = async (...ids: string[]) =>
    Object.fromEntries(await reader.read(ids.map(id => ({ id, user: 'ann' })), clock))
  return { calls, read, clock }
}

t.test('one request has the usage of all jobs, for as long as the metrics server measures nothing new', async t => {
  const { calls, read } = scene(table(['pod-a', '250000000n', '1084Ki', '9.9s'], ['pod-b', '2', '1Mi', '9.9s']))
  t.strictSame(await read('a', 'b', 'c', 'none'), {
    a: { time: 5000, cpus: 0.25, residentBytes: 1084 * 1024, host: 'node-a' },
    b: { time: 5000, cpus: 2, residentBytes: 2 ** 20, host: 'node-a' },
    c: { code: 'ResourcesNotAvailable', detail: 'The metrics server has not measured the job yet.', host: 'node-a' },
    none: { code: 'ResourcesNotAvailable', detail: 'The job has no running pod now.', host: undefined }
  })
  await read('a')
  t.equal(calls.length, 1)
  t.match(calls[0], {
    method: 'GET',
    path: '/apis/metrics.k8s.io/v1beta1/namespaces/n/pods',
    query: {
      labelSelector: 'app.kubernetes.io/managed-by=job-launcher,job-launcher/instance=i', includeObject: 'None'
    },
    accept: /^application\/json;as=Table/,
    noRetry: true
  })
})

t.test('a server whose table has no usage, and one without tables, are read as a list', async t => {
  const item = {
    metadata: { name: 'pod-a' },
    timestamp: '2026-01-31T12:00:00Z',
    containers: [{ usage: { cpu: '250m', memory: '1Ki' } }, { usage: { cpu: '1', memory: '1Ki' } }]
  }
  const list = { kind: 'PodMetricsList', items: [item] }
  const expected = {
    a: { time: Date.parse(item.timestamp), cpus: 1.25, residentBytes: 2048, host: 'node-a' }
  }
  const columnDefinitions = [{ name: 'Name' }, { name: 'Age' }]
  const other = { kind: 'Table', columnDefinitions, rows: [{ cells: ['pod-a', '1d'] }] }
  const first = scene(other, list)
  t.strictSame(await first.read('a'), expected)
  t.equal(first.calls[1]!.accept, undefined)
  t.strictSame(await scene(list).read('a'), expected)
})

t.test('a missing metrics server is the reason, and is not asked again at once', async t => {
  const { calls, read } = scene(new KubeApiError('x', 404, '', '404 page not found'))
  const expected = { code: 'ResourcesNotAvailable', message: /the cluster has no metrics server/ }
  await t.rejects(read('a'), expected)
  await t.rejects(read('a'), expected)
  t.equal(calls.length, 1)
  await t.rejects(scene(new TypeError('defect')).read('a'), { name: 'TypeError' })
})

t.test('an empty table has neither columns nor rows', async t => {
  t.strictSame(usageOfTable({ kind: 'Table', columnDefinitions: null, rows: null }, 1), new Map())
})

t.test('peaks that no client reads cost a request a minute, or in ten without a metrics server', async t => {
  const missing = new KubeApiError('x', 404, '', '404 page not found')
  const { calls, read, clock } = scene(table(['pod-a', '1', '1Mi', '9.9s']), missing)
  clock.isRead = false
  await read('a')
  for (const [now, asked] of [[UNREAD_MS - 1, 1], [UNREAD_MS, 2]] as const) {
    clock.now = now
    await read('a').catch(() => {})
    t.equal(calls.length, asked)
  }
  clock.now = UNREAD_MS + UNREAD_FAILURE_MS - 1
  await t.rejects(read('a'), { code: 'ResourcesNotAvailable' })
  t.equal(calls.length, 2)
  clock.isRead = true
  await t.rejects(read('a'))
  t.equal(calls.length, 3, 'a client has it asked again')
  clock.now += RESOLUTION_MS - 1
  await t.rejects(read('a'))
  t.equal(calls.length, 3)
})
