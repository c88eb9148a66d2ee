// Arbitrary snapshots, including those that no cluster produces.

import fc from 'fast-check'
import { type ContainerView, type JobView, type PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import type { TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import type { Snapshot } from '../../../../plugins/kubernetes/state/snapshot.ts'
import { jobOf, jobViewOf, CREATED, podOf } from '../sample-views.ts'
import { CONTENT } from '../../../../plugins/kubernetes/metadata/names.ts'

const REASONS = [
  'Completed',
  'Error',
  'OOMKilled',
  'StartError',
  'ContainerCannotRun',
  'ContainerStatusUnknown',
  'Unknown',
  'ContainerCreating',
  'PodInitializing',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'Evicted',
  'NodeLost',
  'OutOfcpu',
  'Preempting',
  'Terminated',
  'Unschedulable',
  'DeletionByTaintManager',
  'EvictionByEvictionAPI',
  'PreemptionByScheduler',
  'DeadlineExceeded',
  'BackoffLimitExceeded',
  'FailedCreate',
  'FailedMount',
  'Pulling'
]
const MESSAGES = [
  '',
  'words',
  '0/3 nodes are available: 3 Insufficient cpu.',
  "0/1 nodes are available: 1 node(s) had taint {a: b}, that the pod didn't tolerate.",
  'persistentvolumeclaim "data" not found',
  'secret "db" not found',
  "couldn't find key a in Secret ns/db",
  'exceeded quota: small, requested: pods=1',
  'rpc error: code = Unknown desc = 404'
]

const time = fc.integer({ min: CREATED - 100_000, max: CREATED + 1_000_000 })
const reason = fc.option(fc.oneof(fc.constantFrom(...REASONS), fc.string()), { nil: undefined })
const message = fc.option(fc.oneof(fc.constantFrom(...MESSAGES), fc.string()), { nil: undefined })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Removes the keys without a value, as the transform does. */
function dense<T extends object> (value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T
}

const condition = fc
  .record({
    type: fc.constantFrom('PodScheduled', 'Ready', 'DisruptionTarget', 'Complete', 'Failed', 'Odd'),
    status: fc.constantFrom('True', 'False', 'Unknown'),
    reason,
    message,
    at: maybe(time)
  })
  .map(dense)

const state = fc.oneof(
  fc.constant({}),
  fc.record({ waiting: fc.record({ reason, message }).map(dense) }),
  fc.record({ running: fc.record({ startedAt: maybe(time) }).map(dense) }),
  fc.record({
    terminated: fc
      .record({
        exitCode: fc.constantFrom(0, 1, 3, 128, 137, 139, 143, 255, 100_000, -1),
        signal: maybe(fc.constantFrom(0, 9, 15, 1000)),
        reason,
        message,
        startedAt: maybe(time),
        finishedAt: maybe(time)
      })
      .map(dense)
  })
)
const container = (name: fc.Arbitrary<string>) =>
  fc.tuple(name, state).map(([name, state]) => ({ name, ...state }) as ContainerView)

const pod = fc.record({
  uid: fc.constantFrom('a', 'b', 'c'),
  createdAt: time,
  deletedAt: maybe(time),
  deletionGraceMs: maybe(fc.constantFrom(0, 10_000)),
  phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
  reason,
  message,
  node: maybe(fc.constant('node-a')),
  startedAt: maybe(time),
  conditions: fc.array(condition, { maxLength: 3 }),
  initContainers: fc.array(container(fc.constant('fetch')), { maxLength: 2 }),
  containers: fc.array(container(fc.constantFrom(CONTENT, 'proxy')), { maxLength: 2 }),
  gone: fc.boolean(),
  deletedWhileRunning: fc.boolean(),
  pullAnswer: maybe(fc.constantFrom(...MESSAGES))
}).map(changes => {
  const { node: _node, startedAt: _startedAt, ...base } = podOf()
  return { ...base, ...dense(changes) } as TrackedPod & PodView
})

const jobView = fc
  .record({
    parallelism: fc.constantFrom(0, 1),
    paused: fc.boolean(),
    active: fc.nat(2),
    succeeded: fc.nat(1),
    failed: fc.nat(1),
    deletedAt: maybe(time),
    requestedOperation: maybe(fc.constantFrom('stop', 'kill', 'cancel')),
    requestedAt: maybe(time),
    outcome: fc.option(fc.constant({ status: 'Failed', reason: 'StartTimeout', message: 'Too late.' } as const), {
      nil: undefined,
      freq: 9
    }),
    conditions: fc.array(condition, { maxLength: 2 })
  })
  .map(changes => jobViewOf(dense(changes) as Partial<JobView>))

const job = fc.record({
  status: fc.constantFrom('Pending', 'Running', 'Finished'),
  startTime: maybe(time),
  intent: maybe(fc.record({ operation: fc.constantFrom('stop', 'kill', 'cancel'), at: time }))
}).map(changes => jobOf(dense(changes) as Parameters<typeof jobOf>[0]))

export const anySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  job,
  namespace: fc.constant('jobs'),
  jobView: maybe(jobView),
  pods: fc.uniqueArray(pod, { maxLength: 3, selector: ({ uid }) => uid }),
  synced: fc.boolean(),
  relisted: fc.boolean(),
  hasOutput: fc.boolean(),
  events: fc.array(fc.record({ reason: fc.constantFrom(...REASONS), message: fc.constantFrom(...MESSAGES) }), {
    maxLength: 2
  }),
  deadlines: fc.record({ imagePullMs: fc.constantFrom(1, 900_000), startMs: fc.constantFrom(1, 86_400_000) }),
  now: time,
  sinceRequestedMs: time
})
