import assert from 'node:assert/strict'
import t from 'tap'
import fc from 'fast-check'
import type { Intent } from '../../../../launcher/plugin.ts'
import { terminatePatch, readAnnotations } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { trackPod, type TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { evaluate, type Action, type Snapshot } from '../../../../plugins/kubernetes/state/evaluate.ts'
import type { JobView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import { historyOf, historySeed, type HistorySeed } from '../cache/pod-history.ts'
import { anyScene } from './view-arbitrary.ts'
import {
  gonePod,
  jobOf,
  jobViewOf,
  CREATED,
  NOW,
  podOf,
  running,
  snapshotOf,
  trackedPod,
  STARTED,
  terminated,
  waiting
} from '../sample-views.ts'

const pendingJob = jobOf({ status: 'Pending' })
const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })
const intent = (operation: Intent['operation'], at = NOW - 500): Intent => ({ operation, at })
const deletion: Partial<PodView> = { deletedAt: NOW + 9000, deletionGraceMs: 10_000 }
const second = podOf({ ...idle, uid: 'pod-2', name: 'second', createdAt: NOW - 1000 })

const withPass = jobViewOf({ pass: { gate: 'gate-1', key: '7' } })
const withoutPass = trackedPod(
  podOf({
    ...idle,
    containers: [waiting('CreateContainerConfigError', "couldn't find key 7 in ConfigMap jobs/gate-1")]
  })
)
/** Before a pod was seen. */
const canceled = (pass: Partial<JobView> = { pass: { gate: 'gate-1', key: '7' } }): Partial<Snapshot> => ({
  job: jobOf({ status: 'Pending', intent: intent('cancel') }),
  jobView: jobViewOf({ parallelism: 0, active: 0, requestedOperation: 'cancel', ...pass }),
  pods: [],
  relisted: false
})

/** Its program has ended, as its Job tells. */
const unheardOf: Partial<Snapshot> = {
  pods: [],
  jobView: jobViewOf({ active: 0, failed: 1, conditions: [{ type: 'Failed', status: 'True', at: NOW - 30_000 }] })
}

const rows: Array<[name: string, scene: Partial<Snapshot>, sight: object]> = [
  // Nothing there.
  ['nothing', { jobView: undefined, pods: [] }, { observation: { state: 'absent' }, action: undefined }],
  [
    'nothing, as far as the lists are read',
    { job: pendingJob, jobView: undefined, pods: [], synced: false },
    { observation: { state: 'pending', requeueAfterMs: Number } }
  ],
  [
    'nothing of a job that no start got through, as far as the lists are read',
    { job: jobOf({ status: 'Pending', submittedToBackend: false }), jobView: undefined, pods: [], synced: false },
    { observation: { state: 'absent' } }
  ],
  [
    'the same when it is to be canceled',
    {
      job: jobOf({ status: 'Pending', submittedToBackend: false, intent: intent('cancel') }),
      jobView: undefined,
      pods: [],
      synced: false
    },
    { observation: { state: 'pending' } }
  ],
  [
    'nothing of a job that ran, as far as the lists are read',
    { jobView: undefined, pods: [], synced: false },
    { observation: { state: 'running', requeueAfterMs: Number } }
  ],
  [
    'only the pod of a job that has ended',
    { job: jobOf({ status: 'Finished' }), jobView: undefined },
    { observation: { state: 'absent' } }
  ],
  [
    'only the pod of a job that runs',
    { jobView: undefined },
    { observation: { state: 'running', message: /deleted the job/ }, action: undefined }
  ],
  [
    'a held Job',
    { job: pendingJob, jobView: jobViewOf({ paused: true, parallelism: 0, active: 0 }), pods: [] },
    { observation: { state: 'unclaimed' } }
  ],

  // Waiting.
  [
    'a Job without a pod',
    { job: pendingJob, pods: [], now: CREATED + 1000 },
    { observation: { state: 'pending', requeueAfterMs: 4000, message: /take up/ }, eventsFor: undefined }
  ],
  [
    'a Job that is without a pod for long',
    { job: pendingJob, pods: [] },
    { observation: { state: 'pending', requeueAfterMs: 10_000 }, eventsFor: 'job-uid' }
  ],
  [
    'a Job without a pod, and its events',
    {
      job: pendingJob,
      pods: [],
      events: [
        {
          reason: 'FailedCreate',
          message: 'Error creating: pods "x" is forbidden: exceeded quota: small, requested: pods=1'
        }
      ]
    },
    { observation: { state: 'pending', reason: 'QuotaExceeded', message: /\(small\)/ } }
  ],
  [
    'a Job that is complete, whose pod is not seen yet',
    {
      job: pendingJob,
      pods: [],
      jobView: jobViewOf({
        active: 0,
        succeeded: 1,
        conditions: [{ type: 'Complete', status: 'True', at: NOW - 1000 }]
      })
    },
    { observation: { state: 'pending', requeueAfterMs: 29_000 } }
  ],
  [
    'the same after a time in which news of it would have come',
    { ...unheardOf, relisted: false },
    { observation: { state: 'running', requeueAfterMs: 1000 }, needsRelist: true }
  ],
  [
    'the same when there is none',
    unheardOf,
    { observation: { state: 'ended', outcome: { status: 'Failed', reason: 'Lost' } }, needsRelist: undefined }
  ],
  [
    'a job that ran before a restart, and no pod of it',
    { job: jobOf({ startTime: STARTED }), pods: [], jobView: jobViewOf({ active: 0 }), relisted: false },
    { observation: { state: 'running' }, needsRelist: true, action: undefined }
  ],
  [
    'the same when there is none',
    { job: jobOf({ startTime: STARTED }), pods: [], jobView: jobViewOf({ active: 0 }) },
    { observation: { state: 'ended', outcome: { reason: 'DeletedExternally' } }, action: { kind: 'end' } }
  ],
  [
    'a pod that waits',
    { job: pendingJob, pods: [trackedPod(idle)], now: CREATED + 1000 },
    { observation: { state: 'pending', requeueAfterMs: 4000 }, eventsFor: undefined }
  ],
  [
    'a pod that waits for long',
    { job: pendingJob, pods: [trackedPod(idle)] },
    { observation: { state: 'pending', requeueAfterMs: 10_000 }, eventsFor: 'pod-1' }
  ],
  [
    'a pod that is being prepared for long',
    { job: pendingJob, pods: [trackedPod(podOf({ ...idle, initContainers: [{ ...running, name: 'fetch' }] }))] },
    { observation: { state: 'pending', message: /step fetch/ }, eventsFor: undefined }
  ],
  [
    'a pod that says why it waits',
    { job: pendingJob, pods: [trackedPod(podOf({ ...idle, containers: [waiting('ErrImagePull', 'no')] }))] },
    { observation: { reason: 'ImagePullBackOff', requeueAfterMs: CREATED + 901_000 - NOW }, eventsFor: undefined }
  ],
  [
    'a deadline that passed while nothing was heard',
    {
      job: pendingJob,
      synced: false,
      now: CREATED + 10 * 86_400_000,
      pods: [trackedPod(idle)]
    },
    { observation: { state: 'pending' }, action: undefined }
  ],

  [
    'a canceled Job that may have a pod of which nothing was heard',
    { ...canceled(), sinceRequestedMs: 0 },
    { observation: { state: 'pending' }, needsRelist: true, action: undefined }
  ],
  [
    'the same where a pod that is made late can start',
    { ...canceled({}), sinceRequestedMs: 400 },
    { observation: { state: 'pending', requeueAfterMs: 600 }, needsRelist: undefined }
  ],
  [
    'the same when none is made any more',
    { ...canceled({}), sinceRequestedMs: 1000 },
    { observation: { state: 'pending' }, needsRelist: true }
  ],
  [
    'a canceled Job that has no pod',
    { ...canceled(), relisted: true },
    { observation: { state: 'ended', outcome: { status: 'Canceled' } }, needsRelist: undefined }
  ],

  [
    'the same when output of it is kept',
    { ...canceled(), relisted: true, hasOutput: true },
    { observation: { state: 'ended', outcome: { status: 'Killed' } } }
  ],

  // Running.
  [
    'a pod that runs',
    {},
    {
      observation: {
        state: 'running',
        startTime: STARTED,
        host: 'node-a',
        requeueAfterMs: undefined,
        message: undefined
      },
      action: undefined
    }
  ],
  [
    'a pod whose phase its node no longer tells',
    { pods: [trackedPod(podOf({ phase: 'Unknown' }))] },
    { observation: { state: 'running' } }
  ],
  [
    'a deletion that hangs while nothing was heard',
    { pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))], synced: false },
    { observation: { state: 'running' } }
  ],

  [
    'a deletion that seems to hang before the API server was asked',
    { pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))], relisted: false },
    { observation: { state: 'running' }, needsRelist: true, action: undefined }
  ],
  [
    'the same of a job that somebody deleted',
    { jobView: undefined, pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))], relisted: false },
    { observation: { state: 'running' }, needsRelist: true }
  ],
  [
    'a deletion that hangs, as the API server says too',
    { pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))] },
    { observation: { state: 'ended', outcome: { reason: 'NodeLost' } }, needsRelist: undefined }
  ],

  // At most once.
  [
    'a pod that others delete',
    { pods: [trackedPod(podOf(deletion))] },
    {
      observation: { state: 'running', message: /is deleting the job/, requeueAfterMs: Number },
      action: { kind: 'end', intent: undefined, outcome: undefined }
    }
  ],
  [
    'a pod that others delete, when the Job was ended for it',
    { jobView: jobViewOf({ parallelism: 0 }), pods: [trackedPod(podOf(deletion))] },
    { observation: { state: 'running', message: /is deleting the job/, requeueAfterMs: 39_000 }, action: undefined }
  ],
  [
    'a second pod beside the first',
    { pods: [trackedPod(podOf()), trackedPod(second)] },
    { observation: { state: 'running', message: /second pod/ }, action: { kind: 'end' } }
  ],
  [
    'a second pod after the first',
    { pods: [gonePod(podOf()), trackedPod(second)] },
    { observation: { state: 'ended' }, action: { kind: 'end', outcome: { reason: 'DeletedExternally' } } }
  ],
  [
    'a second pod after the end of the first',
    { pods: [trackedPod(podOf({ containers: [terminated(0)] })), trackedPod(second)] },
    { observation: { state: 'ended' }, action: { kind: 'end', outcome: undefined } }
  ],
  [
    'a pod without its pass, of a job that ran',
    { job: jobOf({ startTime: STARTED }), jobView: withPass, pods: [withoutPass] },
    {
      observation: { state: 'ended', outcome: { reason: 'DeletedExternally', message: /while its program ran/ } },
      action: { kind: 'end', outcome: { reason: 'DeletedExternally' } }
    }
  ],
  [
    'a pod without its pass, which its node may not know of yet',
    { job: pendingJob, jobView: withPass, pods: [withoutPass] },
    {
      observation: {
        state: 'pending',
        reason: undefined,
        message: 'The node node-a prepares the container.',
        requeueAfterMs: 1000
      },
      action: undefined,
      eventsFor: undefined
    }
  ],
  [
    'a pod that never got its pass',
    { job: pendingJob, jobView: withPass, pods: [withoutPass], now: NOW + 1000 },
    {
      observation: { state: 'ended' },
      action: {
        kind: 'end',
        outcome: { status: 'Failed', reason: 'DeletedExternally', message: /the gate that it starts with/ }
      }
    }
  ],
  [
    'a second pod that is over',
    { pods: [gonePod(podOf({ containers: [terminated(0)] })), trackedPod({ ...second, phase: 'Failed' })] },
    { action: undefined }
  ],
  [
    'a pod that starts after an earlier one ran',
    { job: jobOf({ startTime: STARTED - 5000 }) },
    { observation: { state: 'ended' }, action: { kind: 'end' } }
  ],
  [
    'the pod that ran before a restart',
    { job: jobOf({ startTime: STARTED }) },
    { observation: { state: 'running' }, action: undefined }
  ],

  // Asked to end.
  [
    'a stop that is not carried out',
    { job: jobOf({ intent: intent('stop') }) },
    { observation: { state: 'running' }, action: { kind: 'end', intent: intent('stop') } }
  ],
  [
    'a stop that is',
    {
      job: jobOf({ intent: intent('stop') }),
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'stop' }),
      pods: [trackedPod(podOf(deletion))]
    },
    { observation: { state: 'running', requeueAfterMs: 39_000, message: undefined }, action: undefined }
  ],
  [
    'a kill after a stop',
    {
      job: jobOf({ intent: intent('kill') }),
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'stop' }),
      pods: [trackedPod(podOf(deletion))]
    },
    { action: { kind: 'end', intent: intent('kill') } }
  ],
  [
    'a kill just now',
    {
      job: jobOf({ intent: intent('kill') }),
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'kill' }),
      pods: [trackedPod(podOf(deletion))]
    },
    { observation: { requeueAfterMs: 9500 }, action: undefined }
  ],
  [
    'a kill some time ago',
    {
      job: jobOf({ intent: intent('kill') }),
      sinceRequestedMs: 10_000,
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'kill' }),
      pods: [trackedPod(podOf(deletion))]
    },
    { action: { kind: 'deletePods', pods: [podOf().name] } }
  ],
  [
    'a cancel of a pod that waits',
    { job: { ...pendingJob, intent: intent('cancel') }, pods: [trackedPod(idle)] },
    { observation: { state: 'pending' }, action: { kind: 'end', intent: intent('cancel') } }
  ],
  [
    'a cancel that is carried out',
    {
      job: { ...pendingJob, intent: intent('cancel') },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: [trackedPod({ ...idle, ...deletion })]
    },
    { observation: { state: 'pending', message: /being canceled/ }, action: undefined }
  ],
  [
    'a cancel of a pod that its node keeps',
    {
      job: { ...pendingJob, intent: intent('cancel') },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: [trackedPod({ ...idle, ...deletion })],
      sinceRequestedMs: 10_000
    },
    { action: { kind: 'deletePods' } }
  ],
  [
    'a cancel before there is a pod',
    { job: { ...pendingJob, intent: intent('cancel') }, pods: [] },
    { observation: { state: 'pending' }, action: { kind: 'end', intent: intent('cancel') } }
  ],
  [
    'a cancel while the news of a pod is on its way',
    {
      job: { ...pendingJob, intent: intent('cancel') },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: []
    },
    { observation: { state: 'pending', requeueAfterMs: Number } }
  ],
  [
    'a cancel that comes too late',
    { job: { ...pendingJob, intent: intent('cancel') } },
    { observation: { state: 'running' }, action: undefined }
  ],
  [
    'a cancel that comes too late for a pod that others delete',
    { job: { ...pendingJob, intent: intent('cancel') }, pods: [trackedPod(podOf(deletion))] },
    { action: { kind: 'end', intent: undefined } }
  ],

  // Over, with something left.
  [
    'a sidecar',
    { pods: [trackedPod(podOf({ containers: [terminated(0), { ...running, name: 'proxy' }] }))] },
    {
      observation: { state: 'ended', startTime: STARTED, endTime: NOW - 5000 },
      action: { kind: 'endSidecars', outcome: { status: 'Finished', exitCode: 0 } }
    }
  ],
  [
    'a sidecar whose image cannot be pulled',
    {
      pods: [
        trackedPod(
          podOf({
            containers: [terminated(3), { name: 'proxy', restarts: 0, waiting: { reason: 'ImagePullBackOff' } }]
          })
        )
      ]
    },
    { observation: { state: 'ended' }, action: { kind: 'endSidecars', outcome: { status: 'Finished', exitCode: 3 } } }
  ],
  [
    'a sidecar that ended before',
    { pods: [trackedPod(podOf({ containers: [terminated(0), { ...terminated(1), name: 'proxy' }] }))] },
    { observation: { state: 'ended', outcome: { exitCode: 0 } }, action: undefined }
  ],
  [
    'a sidecar that never ran in a pod that was given up',
    {
      pods: [
        trackedPod(podOf({ phase: 'Failed', containers: [terminated(0), { name: 'proxy', restarts: 0, waiting: {} }] }))
      ]
    },
    { observation: { state: 'ended' }, action: undefined }
  ],
  [
    'a sidecar that is being ended',
    {
      jobView: jobViewOf({ parallelism: 0 }),
      pods: [trackedPod(podOf({ containers: [terminated(0), { ...running, name: 'proxy' }] }))]
    },
    { action: undefined }
  ],
  [
    'a pod that has not yet its last phase',
    { pods: [trackedPod(podOf({ containers: [terminated(0)] }))] },
    { observation: { state: 'ended' }, action: undefined }
  ]
]

for (const [name, scene, expected] of rows) t.match(evaluate(snapshotOf(scene)), expected, name)

t.test('whatever is seen, something is said, and it is one of the states of the contract', async t => {
  const states = new Set<string>()
  fc.assert(
    fc.property(anyScene, scene => {
      const { observation, action: act } = evaluate(scene)
      states.add(observation.state)
      if ('requeueAfterMs' in observation) {
        assert.ok(observation.requeueAfterMs === undefined || observation.requeueAfterMs > 0)
      }
      if (observation.state === 'ended') assert.ok(observation.outcome.message.endsWith('.'))
      if (act?.kind === 'deletePods') assert.ok(act.pods.length > 0)
    }),
    { numRuns: 5000 }
  )
  t.strictSame([...states].sort(), ['absent', 'ended', 'pending', 'running', 'unclaimed'])
})

t.test('a history of a job has one verdict at most, and never takes it back', async () => {
  fc.assert(
    fc.property(historySeed, seed => {
      let outcome: unknown
      for (const scene of play(seed)) {
        const { observation } = evaluate(scene)
        if (outcome !== undefined) {
          assert.deepEqual('outcome' in observation ? observation.outcome : observation.state, outcome)
        }
        if (observation.state === 'ended') outcome = observation.outcome
      }
    }),
    { numRuns: 3000 }
  )
})

t.test('the histories end in every way that matters', async t => {
  const reasons = new Set<string>()
  for (const seed of fc.sample(historySeed, { seed: 1, numRuns: 4000 })) {
    for (const scene of play(seed)) {
      const { observation } = evaluate(scene)
      if (observation.state === 'ended') reasons.add(observation.outcome.reason)
    }
  }
  t.strictSame([...reasons].sort(), [
    'CanceledOnRequest',
    'CreateContainerConfigError',
    'DeletedExternally',
    'Evicted',
    'Exited',
    'ImagePullBackOff',
    'InitFailed',
    'KilledOnRequest',
    'NodeLost',
    'OutOfMemory',
    'Signaled',
    'StartTimeout',
    'Stopped'
  ])
})

t.test('a second pod is ended with the first look at it, and a stop is carried out', async () => {
  fc.assert(
    fc.property(historySeed, seed => {
      for (const scene of play(seed)) {
        const { jobView, pods, job } = scene
        const { action: act } = evaluate(scene)
        const finished = jobView?.conditions.some(({ status }) => status === 'True') === true
        if (jobView === undefined || finished || jobView.deletedAt !== undefined || jobView.outcome !== undefined) {
          continue
        }
        const live = pods.filter(
          pod =>
            !pod.gone && !['Succeeded', 'Failed'].includes(pod.phase) && pod.containers[0]?.terminated === undefined
        )
        if (pods.length > 1 && live.length > 0 && jobView.parallelism !== 0) assert.equal(act?.kind, 'end')
        if (job.intent?.operation === 'stop' && jobView.parallelism !== 0 && live.length > 0) {
          assert.equal(act?.kind, 'end')
        }
      }
    }),
    { numRuns: 1000 }
  )
})

/**
 * The scenes of one history; the sight's acts are carried out as the plugin does, and what was observed is kept as in
 * the core.
 */
function * play (seed: HistorySeed): Generator<Snapshot> {
  const history = historyOf(seed)
  const pods = new Map<string, TrackedPod>()
  let marks: Partial<JobView> = {}
  for (const { job, jobView, podViews, goneUids, now } of history.steps()) {
    for (const view of podViews) pods.set(view.uid, trackPod(pods.get(view.uid), view))
    for (const uid of goneUids) if (pods.has(uid)) pods.set(uid, { ...pods.get(uid)!, gone: true })
    // What the launcher does makes it look again.
    for (let looks = 0; looks < 3; looks++) {
      const scene = snapshotOf({
        job,
        jobView: jobView && { ...jobView, ...marks },
        pods: [...pods.values()],
        now,
        deadlines: { imagePullMs: 30_000, startMs: 120_000 }
      })
      yield scene
      const { action: act, observation } = evaluate(scene)
      history.observed(observation)
      if (act === undefined || jobView === undefined) break
      history.apply(act)
      marks = carriedOut(act, marks)
    }
  }
}

function carriedOut (action: Action, marks: Partial<JobView>): Partial<JobView> {
  if (action.kind === 'deletePods') return marks
  const { annotations } = terminatePatch(action.kind === 'end' ? action : {}).metadata
  return {
    ...marks,
    ...readAnnotations(
      Object.fromEntries(Object.entries(annotations).filter((entry): entry is [string, string] => entry[1] !== null))
    ),
    parallelism: 0
  }
}
