import t from 'tap'
import { noScheduler, untilNoSchedulerMs } from '../../../../plugins/kubernetes/state/no-scheduler.ts'

const pod = { conditions: [], createdAt: 1000, scheduler: 'absent' }
const at = (now: number, changes = {}) => ({ now, synced: true, namespace: 'jobs', ...changes })

t.test('a pod that no scheduler has looked at for 30 s names its scheduler and the namespace', async t => {
  t.equal(noScheduler(pod, at(30_999)), undefined)
  t.equal(untilNoSchedulerMs(pod, 30_999), 1)
  t.strictSame(noScheduler(pod, at(31_000)), {
    reason: 'NoScheduler',
    message: 'No scheduler has looked at the pod of the job in the namespace jobs yet. The pod is for the scheduler ' +
      'absent (spec.schedulerName), which a base Job, an override or another client can set. The operator checks ' +
      'that this scheduler runs, or sets another.'
  })
})

t.test('the outcome of a job that must start sooner says it too', async t => {
  t.match(noScheduler(pod, at(1500, { startOverdue: true })), { reason: 'NoScheduler' })
})

t.test('a pod that a scheduler has looked at, or that has a node, is not said to have none', async t => {
  for (const changes of [{ node: 'a' }, { conditions: [{ type: 'PodScheduled', status: 'False' }] }]) {
    t.equal(noScheduler({ ...pod, ...changes }, at(99_000, { startOverdue: true })), undefined)
    t.equal(untilNoSchedulerMs({ ...pod, ...changes }, 99_000), Infinity)
  }
})

t.test('a pod whose present state is unknown is not said to have no scheduler', async t => {
  t.equal(noScheduler(pod, at(99_000, { synced: false })), undefined)
})
