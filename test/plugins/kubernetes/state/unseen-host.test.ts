import t from 'tap'
import {
  endsWithoutNode, isUnseenByHost, missingHost, unseenByHost
} from '../../../../plugins/kubernetes/state/unseen-host.ts'
import { waitingOf } from '../../../../plugins/kubernetes/state/pending-reason.ts'
import { CREATED, gonePod, jobOf, podOf, trackedPod, waiting } from '../sample-views.ts'

const submission = { name: 'n', command: 'true' }
const withHost = { ...submission, host: 'node-a' }
const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })
const unseen = trackedPod(podOf({ ...idle, conditions: [] }))
const seen = trackedPod(podOf({ ...idle, conditions: [{ type: 'PodScheduled', status: 'True' }] }))

t.test('a job with a host waits for the node until the node has reported its pod', async t => {
  t.strictSame(waitingOf(unseen, withHost, []), {
    reason: 'HostNotReady',
    message: 'The node node-a, which the job names as its host, has not accepted the job; the node is not ready, or ' +
      'does not exist.'
  })
  t.equal(waitingOf(seen, withHost, []).message, 'The node node-a is preparing the container.')
  t.equal(unseenByHost(seen, withHost), undefined)
})

t.test('a pod whose node a base Job names waits for that node, and the message says who can name it', async t => {
  const node = 'The node node-a, which a base Job, an override or a webhook names (spec.nodeName of the pod),'
  for (const other of [submission, { ...submission, host: 'node-b' }]) {
    t.strictSame(waitingOf(unseen, other, []), {
      reason: 'HostNotReady',
      message: `${node} has not accepted the job; the node is not ready, or does not exist.`
    })
    t.strictSame(missingHost(unseen, { job: jobOf({ submission: other }), hostMissing: true }), {
      reason: 'HostNotFound',
      message: `${node} does not exist; the cluster ends the job in about a minute.`
    })
  }
})

t.test('a pod that the scheduler gave a node, or that is gone, does not wait for a host', async t => {
  t.equal(waitingOf(seen, submission, []).message, 'The node node-a is preparing the container.')
  t.notOk(isUnseenByHost(gonePod(podOf({ ...idle, conditions: [] }))))
})

t.test('a host that does not exist is said to be missing while the pod is unseen', async t => {
  const job = jobOf({ submission: withHost })
  t.strictSame(missingHost(unseen, { job, hostMissing: true }), {
    reason: 'HostNotFound',
    message: 'The node node-a, which the job names as its host, does not exist; the cluster ends the job in about a ' +
      'minute.'
  })
  t.equal(missingHost(unseen, { job }), undefined)
  t.equal(missingHost(seen, { job, hostMissing: true }), undefined)
})

t.test('the end of a pod does not wait for a host that is missing, or silent for 30 s', async t => {
  const moment = { now: CREATED + 1000, synced: true }
  t.notOk(endsWithoutNode(unseen, moment))
  t.ok(endsWithoutNode(unseen, { ...moment, hostMissing: true }))
  t.ok(endsWithoutNode(unseen, { ...moment, now: CREATED + 30_000 }))
  for (const [pod, changes] of [
    [seen, { hostMissing: true }], [unseen, { synced: false }]
  ] as const) t.notOk(endsWithoutNode(pod, { ...moment, now: CREATED + 30_000, ...changes }))
})
