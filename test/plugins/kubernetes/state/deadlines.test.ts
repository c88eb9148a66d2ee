import t from 'tap'
import { Default } from 'typebox/value'
import { KubernetesConfig } from '../../../../plugins/kubernetes/config/keys.ts'
import { deadlinesOf, checkDeadlines } from '../../../../plugins/kubernetes/state/deadlines.ts'
import type { Waiting } from '../../../../plugins/kubernetes/state/pending-reason.ts'
import { CREATED, podOf, trackedPod } from '../sample-views.ts'

const config = Default(KubernetesConfig, {}) as KubernetesConfig
const deadlines = { imagePullMs: 900_000, startMs: 3_600_000 }
const pod = trackedPod(podOf())
const judge = (waiting: Partial<Waiting>, now: number, hasPod = true) =>
  checkDeadlines(
    { message: 'It waits.', ...waiting },
    { takenAt: CREATED, pod: hasPod ? pod : undefined, deadlines, now: CREATED + now }
  )

t.test('a job that somebody waits for has the shorter deadlines', async t => {
  t.strictSame(deadlinesOf(config, { name: 'x' }), { imagePullMs: 900_000, startMs: 86_400_000 })
  t.strictSame(deadlinesOf(config, { name: 'x', exposedPorts: [{}] }), { imagePullMs: 300_000, startMs: 600_000 })
})

t.test(
  'an image and a configuration have their time from when the pod got its node, the start from when the Job was made',
  async t => {
    const pull = { reason: 'ImagePullBackOff', deadline: 'image pull' } as const
    t.strictSame(judge(pull, 60_000), { requeueAfterMs: 841_000 })
    t.match(judge(pull, 900_999), { requeueAfterMs: 1 })
    t.match(judge(pull, 901_000), { outcome: { status: 'Failed', reason: 'ImagePullBackOff', message: 'It waits.' } })
    const configuration = { reason: 'CreateContainerConfigError', deadline: 'configuration' } as const
    t.match(judge(configuration, 60_999), { requeueAfterMs: 1 })
    t.match(judge(configuration, 61_000), { outcome: { reason: 'CreateContainerConfigError' } })
    for (const hasPod of [true, false]) {
      t.strictSame(judge({}, 3_599_999, hasPod), { requeueAfterMs: 1 })
      t.match(judge({}, 3_600_000, hasPod), {
        outcome: { status: 'Failed', reason: 'StartTimeout', message: /3600 s.* It waits\.$/ }
      })
    }
  }
)

t.test('a container that waits for steps before it has its time from when they ended', async t => {
  const step = (finishedAt?: number) => ({
    name: 'fetch',
    restarts: 0,
    ...(finishedAt !== undefined && { terminated: { exitCode: 0, finishedAt } })
  })
  const prepared = trackedPod(podOf({ initContainers: [step(CREATED + 200_000), step(CREATED + 300_000), step()] }))
  const at = (now: number) =>
    checkDeadlines(
      { message: 'It waits.', reason: 'CreateContainerConfigError', deadline: 'configuration' },
      { takenAt: CREATED, pod: prepared, deadlines, now: CREATED + now }
    )
  t.strictSame(at(359_999), { requeueAfterMs: 1 })
  t.match(at(360_000), { outcome: { reason: 'CreateContainerConfigError' } })
})

t.test('what waits in vain becomes what it says it is', async t => {
  const outcome = { status: 'Failed', reason: 'DeletedExternally', message: 'm' } as const
  t.strictSame(judge({ deadline: 'configuration', outcome }, 60_999), { requeueAfterMs: 1 })
  t.strictSame(judge({ deadline: 'configuration', outcome }, 61_000), { outcome })
})

t.test('what waiting cannot help fails at once', async t => {
  t.match(judge({ reason: 'InvalidImageName', deadline: 'never' }, 0), { outcome: { reason: 'InvalidImageName' } })
})
