import t from 'tap'
import { firstPodOf } from '../../../../plugins/kubernetes/state/first-pod.ts'
import { gone, jobOf, MADE, NOW, podOf, running, seen, STARTED, terminated, waiting } from '../sample-views.ts'

const first = seen(podOf())
const idle = podOf({ uid: 'pod-2', createdAt: NOW, phase: 'Pending', containers: [waiting('ContainerCreating')] })

t.test('the run is the first pod, whatever the order they are seen in', async t => {
  t.strictSame(firstPodOf(jobOf(), []), { firstPod: undefined, hasSecondPod: false })
  t.strictSame(firstPodOf(jobOf(), [first]), { firstPod: first, hasSecondPod: false })
  t.strictSame(firstPodOf(jobOf(), [seen(idle), first]), { firstPod: first, hasSecondPod: true })
  t.strictSame(
    firstPodOf(jobOf(), [seen(podOf({ uid: 'z' })), seen(podOf({ uid: 'a' }))]).firstPod?.uid,
    'a',
    'of one second'
  )
})

t.test('a second pod that is over or gone cannot run the program again', async t => {
  t.equal(firstPodOf(jobOf(), [first, gone(idle)]).hasSecondPod, false)
  t.equal(firstPodOf(jobOf(), [first, seen({ ...idle, phase: 'Failed' })]).hasSecondPod, false)
})

t.test('a pod that starts at another time than the job did is not the run', async t => {
  const job = jobOf({ startTime: STARTED })
  t.equal(firstPodOf(job, [first]).firstPod, first)
  t.equal(firstPodOf(job, [seen(podOf({ containers: [terminated(0)] }))]).firstPod?.uid, 'pod-1')
  t.equal(
    firstPodOf(job, [
      seen(podOf({ containers: [terminated(137, { startedAt: 0, reason: 'ContainerStatusUnknown' })] }))
    ]).firstPod?.uid,
    'pod-1',
    'a start that the node has forgotten'
  )
  t.strictSame(
    firstPodOf(job, [seen(podOf({ containers: [{ ...running, running: { startedAt: STARTED + 2000 } }] }))]),
    { firstPod: undefined, hasSecondPod: true }
  )
  t.strictSame(firstPodOf(job, [seen(podOf({ containers: [terminated(0, { startedAt: STARTED + 2000 })] }))]), {
    firstPod: undefined,
    hasSecondPod: false
  })
  t.strictSame(firstPodOf(job, [seen(idle)]), { firstPod: undefined, hasSecondPod: true })
  t.equal(
    firstPodOf(jobOf(), [seen(podOf({ createdAt: MADE + 9000 }))]).hasSecondPod,
    false,
    'a job that has not run yet'
  )
})
