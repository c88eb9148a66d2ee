// Simulates a cluster with one Job: any events of it and its pods, in any order, handled as an old Job controller and
// kubelets do.

import fc from 'fast-check'
import type { Job, Observation } from '../../../../launcher/plugin.ts'
import type { Action } from '../../../../plugins/kubernetes/state/snapshot.ts'
import { type ContainerView, type JobView, type PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import { jobOf, jobViewOf, CREATED, podOf, waiting } from '../sample-views.ts'
import { CONTENT } from '../../../../plugins/kubernetes/metadata/names.ts'

const KINDS = [
  'schedule',
  'pull error',
  'configuration error',
  'init error',
  'start',
  'start',
  'exit',
  'out of memory',
  'evict',
  'lose container',
  'delete pod',
  'delete pod with force',
  'end deletion',
  'end deletion',
  'collect',
  'stop',
  'kill',
  'cancel',
  'delete Job',
  'wait'
] as const

export interface ClusterEvent {
  readonly kind: typeof KINDS[number]
  readonly number: number
  readonly ms: number
  /** The watch shows this only together with the next event. */
  readonly unobserved: boolean
  readonly controller: boolean
}

export type HistorySeed = readonly ClusterEvent[]

export const historySeed: fc.Arbitrary<HistorySeed> = fc.array(fc.record({
  kind: fc.constantFrom(...KINDS),
  number: fc.nat(11),
  ms: fc.oneof({ weight: 8, arbitrary: fc.nat(9000) }, { weight: 1, arbitrary: fc.constant(70_000) }),
  unobserved: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  controller: fc.boolean()
}), { minLength: 3, maxLength: 25 })

const GRACE = 10_000
const CODES = [0, 0, 3, 137, 139, 143]
const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000

type Pod = { -readonly [K in keyof PodView]: PodView[K] }

export interface Step {
  readonly job: Job
  readonly jobView: JobView | undefined
  readonly podViews: readonly PodView[]
  readonly goneUids: readonly string[]
  readonly now: number
}

export function historyOf (seed: HistorySeed) {
  let now = CREATED
  let pods: Pod[] = []
  let job: Job = jobOf({ status: 'Pending' })
  let jobView: JobView | undefined = jobViewOf({ active: 0 })
  let ended = false
  let createdPods = 0
  let goneUids: string[] = []
  /** The last views that the watch shows of deleted pods. */
  let lastViews: Pod[] = []

  const unfinished = (pod: Pod): boolean => pod.phase !== 'Succeeded' && pod.phase !== 'Failed'
  const active = (pod: Pod): boolean => unfinished(pod) && pod.deletedAt === undefined
  const content = (pod: Pod): ContainerView | undefined => pod.containers.find(({ name }) => name === CONTENT)

  function change (pod: Pod, changes: Partial<Pod>): void {
    pods = pods.map(other => other.uid === pod.uid ? { ...other, ...changes } : other)
  }

  function remove (pod: Pod, shown: boolean): void {
    const last = pods.find(({ uid }) => uid === pod.uid)!
    pods = pods.filter(({ uid }) => uid !== pod.uid)
    goneUids.push(pod.uid)
    if (shown) lastViews.push(last)
  }

  function startDeletion (pod: Pod): void {
    if (pod.deletedAt === undefined) change(pod, { deletedAt: wholeSecond(now) + GRACE, deletionGraceMs: GRACE })
  }

  function end (pod: Pod, exitCode: number, changes: Partial<NonNullable<ContainerView['terminated']>> = {}): void {
    const startedAt = content(pod)?.running?.startedAt
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(startedAt !== undefined && { startedAt }),
      finishedAt: wholeSecond(now),
      ...changes
    }
    change(pod, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containers: [{ name: CONTENT, terminated }]
    })
  }

  function controller (): void {
    if (jobView === undefined || jobView.conditions.length > 0) return
    const counted = pods.filter(pod => pod.deletedAt === undefined)
    const condition = (type: string) => [{ type, status: 'True', at: wholeSecond(now) }]
    if (counted.some(({ phase }) => phase === 'Succeeded')) {
      jobView = { ...jobView, active: 0, succeeded: 1, conditions: condition('Complete') }
    } else if (counted.some(({ phase }) => phase === 'Failed')) {
      jobView = { ...jobView, active: 0, failed: 1, conditions: condition('Failed') }
    } else if (jobView.parallelism === 0) pods.filter(active).forEach(startDeletion)
    else if (!pods.some(active)) {
      createdPods++
      const { node: _node, startedAt: _startedAt, ...base } = podOf()
      pods.push({
        ...base,
        uid: `pod-${createdPods}`,
        name: `pod-${createdPods}`,
        createdAt: wholeSecond(now),
        createdBy: 'kube-controller-manager',
        phase: 'Pending',
        conditions: [],
        containers: [{ name: CONTENT, waiting: {} }]
      })
      jobView = { ...jobView, active: 1 }
    }
  }

  function applyEvent ({ kind, number }: ClusterEvent): void {
    const pod = pods[number % Math.max(1, pods.length)]
    const state = pod && content(pod)
    const isWaiting = pod !== undefined && pod.phase === 'Pending' && pod.node !== undefined
    const isRunning = state?.running !== undefined && pod !== undefined && unfinished(pod)
    switch (kind) {
      case 'schedule':
        if (pod?.phase === 'Pending' && pod.node === undefined && pod.deletedAt === undefined) {
          change(pod, {
            node: 'node-a',
            startedAt: wholeSecond(now),
            conditions: [{ type: 'PodScheduled', status: 'True', at: wholeSecond(now) }],
            containers: [waiting('ContainerCreating')]
          })
        }
        break
      case 'pull error':
        if (isWaiting) {
          change(pod, { containers: [waiting(number % 2 === 0 ? 'ErrImagePull' : 'ImagePullBackOff', 'not found')] })
        }
        break
      case 'configuration error':
        if (isWaiting) change(pod, { containers: [waiting('CreateContainerConfigError', 'secret "x" not found')] })
        break
      case 'init error':
        if (isWaiting) {
          change(pod, {
            phase: 'Failed',
            initContainers: [{ name: 'fetch', terminated: { exitCode: 3, reason: 'Error' } }]
          })
        }
        break
      case 'start':
        if (isWaiting) {
          change(pod, {
            phase: 'Running',
            containers: [{ name: CONTENT, running: { startedAt: wholeSecond(now) } }]
          })
        }
        break
      case 'exit':
        if (isRunning) end(pod, CODES[number % CODES.length]!)
        break
      case 'out of memory':
        if (isRunning) end(pod, 137, { reason: 'OOMKilled' })
        break
      case 'lose container':
        if (isRunning) end(pod, 255, { reason: 'Unknown' })
        break
      case 'evict':
        if (pod !== undefined && pod.node !== undefined && unfinished(pod)) {
          change(pod, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })
        }
        break
      case 'delete pod':
        if (pod !== undefined) startDeletion(pod)
        break
      case 'delete pod with force':
        if (pod !== undefined) remove(pod, number % 2 === 0)
        break
      case 'end deletion':
        if (pod?.deletedAt !== undefined) endDeletion(pod, pod.deletedAt, number)
        break
      case 'collect':
        if (pod !== undefined && !unfinished(pod)) remove(pod, number % 2 === 0)
        break
      case 'stop':
      case 'kill':
        if (job.status === 'Running' && !ended && job.intent?.operation !== 'kill') {
          job = { ...job, intent: { operation: kind, at: now } }
        }
        break
      case 'cancel':
        if (job.status === 'Pending' && !ended) job = { ...job, intent: { operation: 'cancel', at: now } }
        break
      case 'delete Job':
        // Without a Job no decision of the launcher can be stored; its pods end as they were requested to.
        if (jobView !== undefined && !ended && number < 2) {
          jobView = undefined
          for (const left of pods) endDeletion(left, wholeSecond(now) + GRACE, number * 2)
        }
    }
  }

  function endDeletion (pod: Pod, deletedAt: number, number: number): void {
    change(pod, { deletedAt, deletionGraceMs: GRACE })
    if (unfinished(pod)) {
      const current = pods.find(({ uid }) => uid === pod.uid)!
      if (content(pod)?.running === undefined) change(pod, number % 2 === 0 ? { phase: 'Failed' } : {})
      else if (now >= deletedAt) end(current, 137)
      else end(current, number % 3 === 0 ? 0 : 143)
    }
    if (number % 2 === 0) remove(pod, number % 4 === 0)
  }

  return {
    * steps (): Generator<Step> {
      for (const event of seed) {
        now += event.ms
        applyEvent(event)
        if (event.controller) controller()
        if (event.unobserved) continue
        yield { job, jobView, podViews: [...lastViews, ...pods], goneUids, now }
        goneUids = []
        lastViews = []
      }
    },
    apply (action: Action): void {
      if (action.kind === 'deletePods') {
        pods.filter(({ name }) => action.pods.includes(name)).forEach(pod => remove(pod, true))
      } else if (jobView !== undefined) jobView = { ...jobView, parallelism: 0 }
    },
    observed (observation: Observation): void {
      if (observation.state === 'ended') ended = true
      if (observation.state === 'running') {
        job = { ...job, status: 'Running', startTime: job.startTime ?? observation.startTime }
      }
    }
  }
}
