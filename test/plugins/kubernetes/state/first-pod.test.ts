import t from 'tap'
import { runsOf } from '../../../../plugins/kubernetes/state/first-pod.ts'
import { gone, jobOf, MADE, NOW, podOf, running, seen, STARTED, terminated, waiting } from '../sample-views.ts'

const first = seen(podOf())
const idle = podOf({ uid: 'pod-2', createdAt: NOW, phase: 'Pending', containers: [waiting('ContainerCreating')] })

t.test('the run is the first pod, whatever the order they are seen in', async t => {
  t.strictSame(runsOf(jobOf(), []), { run: undefined, again: false })
  t.strictSame(runsOf(jobOf(), [first]), { run: first, again: false })
  t.strictSame(runsOf(jobOf(), [seen(idle), first]), { run: first, again: true })
  t.strictSame(runsOf(jobOf(), [seen(podOf({ uid: 'z' })), seen(podOf({ uid: 'a' }))]).run?.uid, 'a', 'of one second')
})

t.test('a second pod that is over or gone cannot run the program again', async t => {
  t.equal(runsOf(jobOf(), [first, gone(idle)]).again, false)
  t.equal(runsOf(jobOf(), [first, seen({ ...idle, phase: 'Failed' })]).again, false)
})

t.test('a pod that starts at another time than the job did is not the run', async t => {
  const job = jobOf({ startTime: STARTED })
  t.equal(runsOf(job, [first]).run, first)
  t.equal(runsOf(job, [seen(podOf({ containers: [terminated(0)] }))]).run?.uid, 'pod-1')
  t.equal(runsOf(job, [seen(podOf({ containers: [terminated(137, { startedAt: 0, reason: 'ContainerStatusUnknown' })] }))]).run?.uid, 'pod-1', 'a start that the node has forgotten')
  t.strictSame(runsOf(job, [seen(podOf({ containers: [{ ...running, running: { startedAt: STARTED + 2000 } }] }))]), { run: undefined, again: true })
  t.strictSame(runsOf(job, [seen(podOf({ containers: [terminated(0, { startedAt: STARTED + 2000 })] }))]), { run: undefined, again: false })
  t.strictSame(runsOf(job, [seen(idle)]), { run: undefined, again: true })
  t.equal(runsOf(jobOf(), [seen(podOf({ createdAt: MADE + 9000 }))]).again, false, 'a job that has not run yet')
})
