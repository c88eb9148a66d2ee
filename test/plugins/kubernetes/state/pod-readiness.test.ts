import t from 'tap'
import { podReadiness } from '../../../../plugins/kubernetes/state/pod-readiness.ts'
import type { ConditionView, EventView } from '../../../../plugins/kubernetes/cache/views.ts'
import { jobOf, podOf, STARTED, trackedPod } from '../sample-views.ts'

const exposedPorts = [{}, { targetPort: 81, ready: { httpPath: '/x', timeoutSeconds: 10 } }]
const job = jobOf({ submission: { name: 'n', exposedPorts } })
const late = { reason: 'NotReady', message: 'm' }

function seen (
  condition: Partial<ConditionView> | undefined, sinceStartMs: number | undefined, of = job, events: EventView[] = []
) {
  const conditions = condition === undefined ? [] : [{ type: 'Ready', status: 'False', ...condition }]
  return podReadiness(of, trackedPod(podOf({ conditions })), STARTED, sinceStartMs, events)
}

t.test('a job is ready since its pod is, by the clock of the cluster', async t => {
  for (const since of [0, 1e9, undefined]) {
    t.strictSame(seen({ status: 'True', at: STARTED + 3000 }, since), { readyTime: STARTED + 3000 })
  }
  t.strictSame(seen({ status: 'True' }, 0), { readyTime: STARTED })
  t.strictSame(seen({ status: 'True', at: STARTED - 1000 }, 0), { readyTime: STARTED }, 'never before its start')
})

t.test('a job whose pod is not ready in time is late, with what the cluster says', async t => {
  for (const condition of [undefined, {}, { status: 'Unknown' }]) {
    t.strictSame(seen(condition, 9000), { requeueAfterMs: 1000 })
  }
  t.strictSame(seen({ message: 'containers with unready status: [content]' }, 10_000), {
    reason: 'NotReady',
    message: 'The program was not ready 10 s after its start (exposedPorts[1].ready): the node has no answer that ' +
      'counts from GET /x on port 81 (Kubernetes: containers with unready status: [content]). It runs on, and may ' +
      'still become ready.'
  })
  const tcp = jobOf({ submission: { name: 'n', exposedPorts: [{ targetPort: 80, ready: { tcp: true } }] } })
  t.match(seen({}, 60_000, tcp), { message: /no answer that counts from port 80\. It runs on/ })
})

t.test('a late job has the cause that the node found last, in the words that every cluster has', async t => {
  const unhealthy = (words: string, container = 'content') =>
    ({ reason: 'Unhealthy', container, message: `Readiness probe failed: ${words}` })
  const failed = unhealthy('HTTP probe failed with statuscode: 404')
  const message = (...events: EventView[]) =>
    seen({ message: 'containers with unready status: [content]' }, 10_000, job, events).message
  t.match(
    message(unhealthy('dial tcp 10.1.2.3:81: connect: connection refused'), failed, unhealthy('no', 'proxy')),
    / \(exposedPorts\[1\]\.ready\): GET \/x on port 81 was answered with 404 \(the node: HTTP probe failed with .*: 404\)\. It/
  )
  t.match(
    message(unhealthy('command failed')),
    /: the node has no answer that counts from GET \/x on port 81 \(the node: command failed\)\. It runs on/
  )
  t.match(message({ reason: 'Unhealthy', message: 'x' }), / no answer that counts .*Kubernetes: containers with /)
})

t.test('a job whose other container or readiness gate is not ready has that as its cause', async t => {
  const problem = (condition: Partial<ConditionView>) => seen(condition, 10_000).message
  const message = 'containers with unready status: [proxy sync]'
  t.match(problem({ message }), /: the container proxy, sync of its pod is not ready \(Kubernetes: containers with /)
  const gate = 'corresponding condition of pod readiness gate "x" does not exist.'
  t.match(
    problem({ reason: 'ReadinessGatesNotReady', message: gate }),
    /: a readiness gate of its pod is not ready \(Kubernetes: corresponding condition of pod readiness gate "x" does /
  )
  t.match(problem({ message: 'containers with unready status: [proxy content]' }), /no answer that counts/)
})

t.test('without contact to the cluster no job is found to be late, and one that is late stays so', async t => {
  t.strictSame(seen({}, undefined), {})
  t.strictSame(seen({}, undefined, { ...job, ...late }), late)
})

t.test('a pod without a condition that is false does not make a job late, and one that is late stays so', async t => {
  for (const condition of [undefined, { status: 'Unknown' }]) {
    t.strictSame(seen(condition, 1e9), {})
    t.strictSame(seen(condition, 1e9, { ...job, ...late }), late)
  }
})

t.test('a job that was ready once, or never says it, is not looked at', async t => {
  t.strictSame(seen({}, 1e9, { ...job, readyTime: 5 }), {})
  t.strictSame(seen({ status: 'True' }, 1e9, jobOf()), {})
})
