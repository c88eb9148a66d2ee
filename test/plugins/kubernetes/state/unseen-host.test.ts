import t from 'tap'
import { isUnseenByHost, unseenByHost } from '../../../../plugins/kubernetes/state/unseen-host.ts'
import { waitingOf } from '../../../../plugins/kubernetes/state/pending-reason.ts'
import { gonePod, podOf, trackedPod, waiting } from '../sample-views.ts'

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

t.test('a pod that the scheduler gave a node, or that is gone, does not wait for a host', async t => {
  t.equal(waitingOf(unseen, submission, []).message, 'The node node-a is preparing the container.')
  t.notOk(isUnseenByHost(gonePod(podOf({ ...idle, conditions: [] })), withHost))
})
