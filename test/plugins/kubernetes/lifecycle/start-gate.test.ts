import t from 'tap'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { markGone } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import {
  canMakePods,
  gateObject,
  isSpent,
  needsGate,
  passKey,
  PASSES,
  takeBackPatch
} from '../../../../plugins/kubernetes/lifecycle/start-gate.ts'
import { jobWith, settings } from '../sample-objects.ts'
import { jobViewOf, podOf, trackedPod, terminated, waiting } from '../sample-views.ts'
import { startTokenOf, withStartToken } from '../../../../plugins/kubernetes/metadata/start-token.ts'

const pass = { gate: 'gate-1', key: passKey(7) }
const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })

t.test('only a server that makes second pods, or may, needs start gates', async t => {
  t.strictSame([20, 25, 26, 31, undefined].map(needsGate), [true, true, false, false, true])
})

t.test('a start gate names its owner and has a key for each start token', async t => {
  const { metadata, data = {} } = gateObject('gate-1', settings)
  t.match(metadata, { name: 'gate-1', labels: { 'job-launcher/instance': settings.instance } })
  t.notOk('job-launcher/job' in metadata!.labels!, 'it is no job\'s')
  t.equal(Object.keys(data).length, PASSES)
  for (const index of [0, PASSES - 1]) t.ok(passKey(index) in data)
  t.strictSame(takeBackPatch(['3', '7']), { data: { 3: null, 7: null } })
})

t.test('the start token of a pod is read from it, and nothing else is taken for one', async t => {
  t.strictSame(startTokenOf(withStartToken(jobObject(jobWith(), settings), pass).spec!.template.spec as never), pass)
  t.equal(
    startTokenOf(
      jobObject(jobWith({ environment: [{ name: 'JOB_LAUNCHER_GATE', value: 'x' }] }), settings).spec!.template
        .spec as never
    ),
    undefined
  )
  t.equal(startTokenOf(undefined), undefined)
})

t.test('a start token cannot be confused with a variable of the job, and only the program needs it', async t => {
  const mine = [{ name: 'JOB_LAUNCHER_GATE', value: 'mine' }]
  const job = jobObject(jobWith({ environment: mine, secrets: mine }), settings)
  job.spec!.template.spec!.containers.push({ name: 'proxy', env: mine })
  const [content, proxy] = withStartToken(job, pass).spec!.template.spec!.containers
  t.strictSame(
    content!.env!.filter(({ name }) => name === 'JOB_LAUNCHER_GATE'),
    [{ name: 'JOB_LAUNCHER_GATE', valueFrom: { configMapKeyRef: { name: pass.gate, key: pass.key } } }]
  )
  t.strictSame(proxy!.env, mine)
  t.equal(withStartToken(job, undefined), job)
})

t.test('a start token is spent when the program has started, or no more pods are made', async t => {
  const cases: Array<[boolean, ...Parameters<typeof isSpent>]> = [
    [false, jobViewOf(), []],
    [false, jobViewOf(), [trackedPod(idle)]],
    [false, jobViewOf(), [markGone(trackedPod(idle))!]],
    [false, jobViewOf({ paused: true, parallelism: 0 }), []],
    [true, jobViewOf(), [trackedPod(podOf())]],
    [true, jobViewOf(), [trackedPod(podOf({ containers: [terminated(0)] }))]],
    [true, jobViewOf(), [markGone(trackedPod(podOf()))!, trackedPod({ ...idle, uid: 'second' })]],
    [true, jobViewOf({ parallelism: 0 }), []],
    [true, jobViewOf({ conditions: [{ type: 'Complete', status: 'True' }] }), []],
    [true, jobViewOf({ deletedAt: 1 }), []]
  ]
  for (const [spent, jobView, pods] of cases) t.equal(isSpent(jobView, pods), spent, JSON.stringify({ jobView, pods }))
  t.ok(canMakePods(jobViewOf()))
  t.notOk(canMakePods(jobViewOf({ parallelism: 0 })))
})
