import t from 'tap'
import { firstPodOf } from '../../../../plugins/kubernetes/state/first-pod.ts'
import {
  gonePod,
  jobOf,
  CREATED,
  NOW,
  podOf,
  running,
  trackedPod,
  STARTED,
  terminated,
  waiting
} from '../sample-views.ts'

const first = trackedPod(podOf())
const idle = podOf({ uid: 'pod-2', createdAt: NOW, phase: 'Pending', containers: [waiting('ContainerCreating')] })

t.test('the first pod is the one created first, in any order of observation', async t => {
  t.strictSame(firstPodOf(jobOf(), []), { firstPod: undefined, hasSecondPod: false })
  t.strictSame(firstPodOf(jobOf(), [first]), { firstPod: first, hasSecondPod: false })
  t.strictSame(firstPodOf(jobOf(), [trackedPod(idle), first]), { firstPod: first, hasSecondPod: true })
  t.strictSame(
    firstPodOf(jobOf(), [trackedPod(podOf({ uid: 'z' })), trackedPod(podOf({ uid: 'a' }))]).firstPod?.uid,
    'a',
    'created in the same second'
  )
})

t.test('of pods of one second, the first is one that no client copied, and of these the one that started', async t => {
  const original = podOf({ uid: 'z', createdBy: 'kube-controller-manager' })
  const copy = { ...idle, uid: 'a', createdAt: original.createdAt, createdBy: 'kubectl-create' }
  const started = trackedPod(original)
  t.strictSame(
    firstPodOf(jobOf({ startTime: STARTED }), [trackedPod(copy), started]), { firstPod: started, hasSecondPod: false }
  )
  const waits = trackedPod({ ...copy, uid: 'z', createdBy: 'kube-controller-manager' })
  t.strictSame(firstPodOf(jobOf(), [trackedPod(copy), waits]), { firstPod: waits, hasSecondPod: false })
  const runs = trackedPod({ ...podOf(), uid: 'a', createdBy: 'kubectl-create', createdAt: original.createdAt })
  t.equal(firstPodOf(jobOf(), [runs, waits]).firstPod, waits, 'also if the copy has started')
  const second = trackedPod({ ...idle, uid: 'b', createdAt: original.createdAt + 1000, createdBy: original.createdBy! })
  t.strictSame(
    firstPodOf(jobOf(), [second, trackedPod(copy), waits]), { firstPod: waits, hasSecondPod: true },
    'the Job controller itself made another'
  )
})

t.test('of two pods that the Job controller created in one second, the first is the one that was deleted', async t => {
  const createdBy = 'kube-controller-manager'
  const deleted = gonePod({ ...idle, uid: 'z', createdAt: CREATED, createdBy, deletedAt: NOW })
  const started = trackedPod({ ...podOf(), uid: 'a', createdAt: CREATED, createdBy })
  t.equal(firstPodOf(jobOf(), [started, deleted]).firstPod, deleted)
  t.equal(firstPodOf(jobOf(), [started, { ...deleted, createdBy: 'kubectl-create' }]).firstPod, started)
})

t.test('a second pod that has failed or is gone cannot run the program again', async t => {
  t.equal(firstPodOf(jobOf(), [first, gonePod(idle)]).hasSecondPod, false)
  t.equal(firstPodOf(jobOf(), [first, trackedPod({ ...idle, phase: 'Failed' })]).hasSecondPod, false)
})

t.test('a pod that starts at another time than the job did is not the first pod', async t => {
  const job = jobOf({ startTime: STARTED })
  t.equal(firstPodOf(job, [first]).firstPod, first)
  t.equal(firstPodOf(job, [trackedPod(podOf({ containers: [terminated(0)] }))]).firstPod?.uid, 'pod-1')
  t.equal(
    firstPodOf(job, [
      trackedPod(podOf({ containers: [terminated(137, { startedAt: 0, reason: 'ContainerStatusUnknown' })] }))
    ]).firstPod?.uid,
    'pod-1',
    'the node has forgotten the start'
  )
  t.strictSame(
    firstPodOf(job, [trackedPod(podOf({ containers: [{ ...running, running: { startedAt: STARTED + 2000 } }] }))]),
    { firstPod: undefined, hasSecondPod: true }
  )
  t.strictSame(firstPodOf(job, [trackedPod(podOf({ containers: [terminated(0, { startedAt: STARTED + 2000 })] }))]), {
    firstPod: undefined,
    hasSecondPod: false
  })
  t.strictSame(firstPodOf(job, [trackedPod(idle)]), { firstPod: undefined, hasSecondPod: true })
  t.equal(
    firstPodOf(jobOf(), [trackedPod(podOf({ createdAt: CREATED + 9000 }))]).hasSecondPod,
    false,
    'the job has not run yet'
  )
})
