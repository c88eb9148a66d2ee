import t from 'tap'
import {
  contentOf,
  isTerminal,
  markGone,
  trackPod,
  startOf,
  terminatedOf
} from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import type { PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import { CREATED, NOW, podOf, running, trackedPod, STARTED, terminated, waiting } from '../sample-views.ts'

const deletion = { deletedAt: NOW, deletionGraceMs: 10_000 }
const ended = podOf({ phase: 'Failed', containers: [terminated(3)] })

t.test('the newest view replaces the previous one until the program has terminated', async t => {
  const later = podOf({ resourceVersion: '2', node: 'node-b' })
  t.match(trackPod(trackedPod(podOf()), later), {
    resourceVersion: '2',
    node: 'node-b',
    gone: false,
    deletedWhileRunning: false
  })
  for (const terminal of [
    ended,
    podOf({ containers: [terminated(0)] }),
    podOf({ phase: 'Failed', reason: 'Evicted' }),
    podOf({ phase: 'Succeeded', containers: [] })
  ]) {
    t.ok(isTerminal(terminal))
    const after = trackPod(
      trackedPod(terminal),
      podOf({ ...deletion, phase: 'Failed', resourceVersion: '9', reason: 'NodeLost', containers: [terminated(137)] })
    )
    t.strictSame(after, { ...trackedPod(terminal), phase: 'Failed', resourceVersion: '9' })
  }
  t.notOk(isTerminal(podOf()))
})

t.test('deletedWhileRunning is true for a running or waiting program, not for a terminated one', async t => {
  const whileRunning = [
    [podOf(), podOf(deletion)],
    [podOf(), podOf(deletion), podOf({ ...ended, ...deletion })],
    [podOf(deletion)],
    [podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')], ...deletion })],
    [podOf({ ...ended, ...deletion, containers: [terminated(0, { finishedAt: NOW - 9000 })] })],
    [podOf({ ...ended, ...deletion, containers: [terminated(137, { finishedAt: NOW - 10_000 })] })],
    [podOf(), podOf({ phase: 'Failed', containers: [waiting('x')], ...deletion })]
  ]
  const afterTheEnd = [
    [podOf()],
    [podOf(), ended, podOf({ ...ended, ...deletion })],
    [podOf({ ...ended, ...deletion, containers: [terminated(143, { finishedAt: NOW - 11_000 })] })],
    [podOf({ ...ended, ...deletion, containers: [terminated(3, { finishedAt: NOW - 10_000 })] })],
    [podOf({ phase: 'Failed', reason: 'Evicted', containers: [], ...deletion })],
    [podOf({ phase: 'Succeeded', containers: [], ...deletion })]
  ]
  const expectDeletedWhileRunning = (views: PodView[], expected: boolean): void => {
    t.equal(trackedPod(...views).deletedWhileRunning, expected, JSON.stringify(views.at(-1)))
  }
  for (const views of whileRunning) expectDeletedWhileRunning(views, true)
  for (const views of afterTheEnd) expectDeletedWhileRunning(views, false)
})

t.test('a pod that is gone keeps its last view', async t => {
  t.strictSame(markGone(trackedPod(podOf())), { ...trackedPod(podOf()), gone: true })
  t.match(markGone(trackedPod(podOf()), ended), { gone: true, phase: 'Failed' })
  t.match(markGone(undefined, ended), { gone: true, phase: 'Failed' })
  t.equal(markGone(undefined), undefined)
})

t.test('the answer to a pull is kept while Kubernetes shows only ImagePullBackOff', async t => {
  const pull = (reason: string, message: string) => podOf({ phase: 'Pending', containers: [waiting(reason, message)] })
  t.equal(trackedPod(pull('ErrImagePull', '404')).pullAnswer, '404')
  t.equal(trackedPod(pull('ErrImagePull', '404'), pull('ImagePullBackOff', 'Back-off')).pullAnswer, '404')
  t.equal(
    trackedPod(pull('ErrImagePull', '404'), pull('ImagePullBackOff', 'Back-off'), pull('ErrImagePull', '503'))
      .pullAnswer,
    '503'
  )
  t.equal(trackedPod(pull('ImagePullBackOff', 'Back-off')).pullAnswer, undefined)
})

t.test('the start of the program is kept after its node has removed the container', async t => {
  const removed = podOf({ phase: 'Failed', containers: [waiting('ContainerCreating')], ...deletion })
  t.equal(startOf(trackedPod(podOf(), podOf(deletion), removed)), STARTED)
  t.equal(startOf(trackedPod(removed)), undefined)
})

t.test('the job\'s program is that of the container named content', async t => {
  const proxy = { ...terminated(9), name: 'proxy' }
  t.strictSame(contentOf(podOf({ containers: [proxy, running] })), running)
  t.equal(terminatedOf(podOf({ containers: [proxy, running] })), undefined)
  t.equal(terminatedOf(ended)?.exitCode, 3)
  t.equal(startOf(podOf()), STARTED)
  t.equal(startOf(ended), STARTED)
  t.equal(startOf(podOf({ containers: [{ ...running, running: {} }] })), CREATED + 1000)
  t.equal(startOf(podOf({ containers: [terminated(128, { startedAt: 0 })] })), undefined)
  t.equal(startOf(podOf({ containers: [waiting('x')] })), undefined)
})
