import t from 'tap'
import { podReadiness } from '../../../../plugins/kubernetes/state/pod-readiness.ts'
import type { ConditionView } from '../../../../plugins/kubernetes/cache/views.ts'
import { jobOf, podOf, STARTED, trackedPod } from '../sample-views.ts'

const exposedPorts = [{}, { targetPort: 81, ready: { httpPath: '/x', timeoutSeconds: 10 } }]
const job = jobOf({ submission: { name: 'n', exposedPorts } })
const late = { reason: 'NotReady', message: 'm' }

function seen (condition: Partial<ConditionView> | undefined, sinceStartMs: number | undefined, of = job) {
  const conditions = condition === undefined ? [] : [{ type: 'Ready', status: 'False', ...condition }]
  return podReadiness(of, trackedPod(podOf({ conditions })), STARTED, sinceStartMs)
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
