import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { withLostSight } from '../../../../plugins/kubernetes/state/lost-sight.ts'

const words = 'pods is forbidden: User "launcher" cannot list resource "pods" in API group "" in the namespace "jobs"'
const noRight = new KubeApiError('GET /api/v1/namespaces/jobs/pods', 403, 'Forbidden', words)
const pending = { state: 'pending', message: 'No node has room.', reason: 'Unschedulable', requeueAfterMs: 1 } as const

t.test('a waiting job that the launcher has no right to see says so, in the words of the server', async t => {
  t.strictSame(withLostSight(pending, noRight, 'jobs'), {
    ...pending,
    reason: 'RefusedByCluster',
    message: 'The launcher does not see the job now. The launcher has no right to list pods in the namespace jobs; ' +
      `job-launcher doctor shows what is missing (Kubernetes: ${words}). If the namespace was deleted, the operator ` +
      'creates it again, with the Role.'
  })
})

t.test('a job that runs, and one whose cluster does not answer, keep what is known', async t => {
  const running = { state: 'running', startTime: 1 } as const
  t.equal(withLostSight(running, noRight, 'jobs'), running)
  t.equal(withLostSight(pending, undefined, 'jobs'), pending)
  t.equal(withLostSight(pending, new KubeApiError('GET /x', 401, 'Unauthorized', 'Unauthorized'), 'jobs'), pending)
})
