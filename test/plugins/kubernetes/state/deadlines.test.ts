import t from 'tap'
import { deadlinesOf, checkDeadlines } from '../../../../plugins/kubernetes/state/deadlines.ts'
import type { Waiting } from '../../../../plugins/kubernetes/state/waiting.ts'
import { CREATED, podOf, trackedPod } from '../sample-views.ts'

const config = {
  batchDeadlines: { imagePullMs: 900_000, startMs: 86_400_000 },
  interactiveDeadlines: { imagePullMs: 300_000, startMs: 600_000 }
}
const deadlines = { imagePullMs: 900_000, startMs: 3_600_000 }
const pod = trackedPod(podOf())
const check = (waiting: Partial<Waiting>, now: number, hasPod = true) =>
  checkDeadlines(
    { message: 'It waits.', ...waiting },
    { takenAt: CREATED, pod: hasPod ? pod : undefined, deadlines, now: CREATED + now }
  )

t.test('a job that exposes ports has the deadlines of interactive jobs', async t => {
  t.strictSame(deadlinesOf(config, { name: 'x' }), { imagePullMs: 900_000, startMs: 86_400_000 })
  t.strictSame(deadlinesOf(config, { name: 'x', exposedPorts: [{}] }), { imagePullMs: 300_000, startMs: 600_000 })
})

t.test(
  'image pull and configuration are timed from the scheduling of the pod, and the start from the creation of the Job',
  async t => {
    const pull = { reason: 'ImagePullBackOff', deadline: 'image pull' } as const
    t.strictSame(check(pull, 60_000), { requeueAfterMs: 841_000 })
    t.match(check(pull, 900_999), { requeueAfterMs: 1 })
    t.match(check(pull, 901_000), { outcome: { status: 'Failed', reason: 'ImagePullBackOff', message: 'It waits.' } })
    const configuration = { reason: 'CreateContainerConfigError', deadline: 'configuration' } as const
    t.match(check(configuration, 60_999), { requeueAfterMs: 1 })
    t.match(check(configuration, 61_000), { outcome: { reason: 'CreateContainerConfigError' } })
    for (const hasPod of [true, false]) {
      t.strictSame(check({}, 3_599_999, hasPod), { requeueAfterMs: 1 })
      t.match(check({}, 3_600_000, hasPod), {
        outcome: { status: 'Failed', reason: 'StartTimeout', message: /3600 s.* It waits\.$/ }
      })
    }
  }
)

t.test('the configuration deadline of a container begins after the init containers before it', async t => {
  const step = (finishedAt?: number) => ({
    name: 'fetch',
    ...(finishedAt !== undefined && { terminated: { exitCode: 0, finishedAt } })
  })
  const sidecar = { ...step(CREATED + 310_000), sidecar: { started: true } }
  const steps = [step(CREATED + 200_000), step(CREATED + 300_000), step(), sidecar]
  const prepared = trackedPod(podOf({ initContainers: steps }))
  const at = (now: number) =>
    checkDeadlines(
      { message: 'It waits.', reason: 'CreateContainerConfigError', deadline: 'configuration' },
      { takenAt: CREATED, pod: prepared, deadlines, now: CREATED + now }
    )
  t.strictSame(at(359_999), { requeueAfterMs: 1 })
  t.match(at(360_000), { outcome: { reason: 'CreateContainerConfigError' } })
})

t.test('a waiting state with deadline never fails at once', async t => {
  t.match(check({ reason: 'InvalidImageName', deadline: 'never' }, 0), { outcome: { reason: 'InvalidImageName' } })
})
