// Evaluations of jobs whose pod runs, was deleted, has a second pod beside it, or has terminated.

import { deletion, second, type EvaluateCase } from './evaluate-fixtures.ts'
import {
  gonePod,
  jobOf,
  jobViewOf,
  NOW,
  podOf,
  running,
  STARTED,
  terminated,
  trackedPod,
} from '../sample-views.ts'

const late = { targetPort: 80, ready: { tcp: true as const, timeoutSeconds: 5 } }
const inTime = { targetPort: 80, ready: { tcp: true as const } }

export const RUNNING_CASES: EvaluateCase[] = [
  // Running.
  [
    'a running pod',
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
    'a running pod whose job has time left',
    { job: jobOf({ submission: { name: 'n', exe: 'e', timeoutSeconds: (NOW - STARTED) / 1000 + 7 } }) },
    { observation: { state: 'running', requeueAfterMs: 7000, timedOut: undefined } }
  ],
  [
    'a running pod whose job has run for its timeout',
    { job: jobOf({ submission: { name: 'n', exe: 'e', timeoutSeconds: (NOW - STARTED) / 1000 } }) },
    { observation: { state: 'running', timedOut: true }, action: undefined }
  ],
  [
    'a running pod whose job has run for its timeout, while there is no contact',
    { job: jobOf({ submission: { name: 'n', exe: 'e', timeoutSeconds: 1 } }), synced: false },
    { observation: { state: 'running', timedOut: undefined } }
  ],
  [
    'a running pod whose job is late to be ready, and has a timeout',
    {
      job: jobOf({ submission: { name: 'n', exe: 'e', timeoutSeconds: 100, exposedPorts: [late] } }),
      pods: [trackedPod(podOf({ conditions: [{ type: 'Ready', status: 'False' }] }))]
    },
    {
      observation: { state: 'running', reason: 'NotReady', requeueAfterMs: 10_000 },
      eventsFor: { uid: 'pod-1', since: NOW - 10_000 }
    }
  ],
  [
    'a running pod whose job is known to be late to be ready, and has a timeout',
    {
      job: jobOf({
        submission: { name: 'n', exe: 'e', timeoutSeconds: 100, exposedPorts: [late] }, reason: 'NotReady', message: 'm'
      }),
      pods: [trackedPod(podOf({ conditions: [{ type: 'Ready', status: 'False' }] }))],
      events: [{
        container: 'content',
        reason: 'Unhealthy',
        message: 'Readiness probe failed: dial tcp 10.0.0.9:80: connect: connection refused'
      }]
    },
    {
      observation: {
        state: 'running',
        reason: 'NotReady',
        message: /: nothing listens on port 80 at 10\.0\.0\.9, the address of the pod/,
        requeueAfterMs: 42_000
      }
    }
  ],
  [
    'a running pod whose job has time left to be ready',
    { job: jobOf({ submission: { name: 'n', exe: 'e', timeoutSeconds: 100, exposedPorts: [inTime] } }) },
    { observation: { state: 'running', reason: undefined, requeueAfterMs: 2000 } }
  ],
  [
    'a running pod that is ready',
    {
      job: jobOf({ submission: { name: 'n', exe: 'e', exposedPorts: [late] } }),
      pods: [trackedPod(podOf({ conditions: [{ type: 'Ready', status: 'True', at: NOW - 9 }] }))]
    },
    { observation: { state: 'running', readyTime: NOW - 9, reason: undefined, requeueAfterMs: undefined } }
  ],
  [
    'a job that is late to be ready, and whose pod is not known yet',
    {
      job: jobOf({ submission: { name: 'n', exe: 'e', exposedPorts: [late] }, reason: 'NotReady', message: 'm' }),
      pods: [],
      synced: false
    },
    { observation: { state: 'running', reason: 'NotReady', message: 'm' } }
  ],
  [
    'a pod with phase Unknown',
    { pods: [trackedPod(podOf({ phase: 'Unknown' }))] },
    { observation: { state: 'running' } }
  ],
  [
    'an overdue deletion while there is no contact',
    { pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))], synced: false },
    { observation: { state: 'running' } }
  ],

  [
    'an overdue deletion, before the pods are re-listed',
    { pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))], relisted: false },
    { observation: { state: 'running' }, needsRelist: true, action: undefined }
  ],
  [
    'an overdue deletion of a pod without a Job, before the pods are re-listed',
    { jobView: undefined, pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))], relisted: false },
    { observation: { state: 'running' }, needsRelist: true }
  ],
  [
    'an overdue deletion, after the pods were re-listed',
    { pods: [trackedPod(podOf({ ...deletion, deletedAt: NOW - 86_400_000 }))] },
    { observation: { state: 'ended', outcome: { reason: 'NodeLost' } }, needsRelist: undefined }
  ],

  // At most once.
  [
    'a pod deleted by another client',
    { pods: [trackedPod(podOf(deletion))] },
    {
      observation: { state: 'running', message: /is deleting the pod of the job/, requeueAfterMs: Number },
      action: { kind: 'end', intent: undefined, outcome: undefined }
    }
  ],
  [
    'a pod that a drain evicts',
    {
      pods: [
        trackedPod(
          podOf({ ...deletion, conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'words' }] })
        )
      ]
    },
    { observation: { state: 'running', message: /^The cluster is ending the job to free its node/ } }
  ],
  [
    'a pod that a deadline of its Job deletes',
    {
      jobView: jobViewOf({
        deadline: { activeMs: 8000 },
        conditions: [{ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' }]
      }),
      pods: [trackedPod(podOf(deletion))]
    },
    { observation: { state: 'running', message: /^The cluster is ending the job, because it ran longer .* of 8 s / } }
  ],
  [
    'a pod deleted by another client, after the Job was terminated for it',
    { jobView: jobViewOf({ parallelism: 0 }), pods: [trackedPod(podOf(deletion))] },
    {
      observation: { state: 'running', message: /is deleting the pod of the job/, requeueAfterMs: 39_000 },
      action: undefined
    }
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
    'a second pod that has failed',
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

  // A terminated program with other containers left.
  [
    'a running sidecar',
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
            containers: [terminated(3), { name: 'proxy', waiting: { reason: 'ImagePullBackOff' } }]
          })
        )
      ]
    },
    { observation: { state: 'ended' }, action: { kind: 'endSidecars', outcome: { status: 'Finished', exitCode: 3 } } }
  ],
  [
    'a terminated sidecar',
    { pods: [trackedPod(podOf({ containers: [terminated(0), { ...terminated(1), name: 'proxy' }] }))] },
    { observation: { state: 'ended', outcome: { exitCode: 0 } }, action: undefined }
  ],
  [
    'a sidecar that never ran in a failed pod',
    {
      pods: [
        trackedPod(podOf({ phase: 'Failed', containers: [terminated(0), { name: 'proxy', waiting: {} }] }))
      ]
    },
    { observation: { state: 'ended' }, action: undefined }
  ],
  [
    'a running sidecar of a Job that was terminated',
    {
      jobView: jobViewOf({ parallelism: 0 }),
      pods: [trackedPod(podOf({ containers: [terminated(0), { ...running, name: 'proxy' }] }))]
    },
    { action: undefined }
  ],
  [
    'a pod whose program has terminated and whose phase is still Running',
    { pods: [trackedPod(podOf({ containers: [terminated(0)] }))] },
    { observation: { state: 'ended' }, action: undefined }
  ]
]
