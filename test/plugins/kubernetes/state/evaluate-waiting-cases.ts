// Evaluations of jobs without a Job, without a pod, or with a waiting pod.

import {
  canceled, endedUnobserved, idle, intent, pendingJob, refusedJob, type EvaluateCase
} from './evaluate-fixtures.ts'
import { CREATED, jobOf, jobViewOf, NOW, podOf, running, STARTED, trackedPod, waiting } from '../sample-views.ts'

const VIOLATION = {
  reason: 'FailedCreate',
  message: 'Error creating: pods "job-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
}

const { node: _node, ...unscheduled } = podOf({ ...idle, conditions: [] })
const SHORT = { imagePullMs: 10_000, startMs: 3000 }

export const WAITING_CASES: EvaluateCase[] = [
  // No Job.
  ['no Job and no pod', { jobView: undefined, pods: [] }, { observation: { state: 'absent' }, action: undefined }],
  [
    'no Job and no pod before the lists are complete',
    { job: pendingJob, jobView: undefined, pods: [], synced: false },
    { observation: { state: 'pending', requeueAfterMs: Number } }
  ],
  [
    'no Job of a job that was never submitted to the cluster, before the lists are complete',
    { job: jobOf({ status: 'Pending', submittedToBackend: false }), jobView: undefined, pods: [], synced: false },
    { observation: { state: 'absent' } }
  ],
  [
    'no Job of a job that was never submitted and is to be canceled, before the lists are complete',
    {
      job: jobOf({ status: 'Pending', submittedToBackend: false, intent: intent('cancel') }),
      jobView: undefined,
      pods: [],
      synced: false
    },
    { observation: { state: 'pending' } }
  ],
  [
    'no Job of a job that ran, before the lists are complete',
    { jobView: undefined, pods: [], synced: false },
    { observation: { state: 'running', requeueAfterMs: Number } }
  ],
  [
    'a pod without a Job, of a job that has ended',
    { job: jobOf({ status: 'Finished' }), jobView: undefined },
    { observation: { state: 'absent' } }
  ],
  [
    'a pod without a Job, of a job that runs',
    { jobView: undefined },
    { observation: { state: 'running', message: /is deleting the job/ }, action: undefined }
  ],
  [
    'no Job of a waiting job whose Job was seen to be deleted, before the pods are re-listed',
    { job: pendingJob, jobView: undefined, pods: [], jobWasDeleted: true, relisted: false },
    { observation: { state: 'pending' }, needsRelist: true }
  ],
  [
    'no Job of a waiting job whose Job was seen to be deleted, after the pods were re-listed',
    { job: pendingJob, jobView: undefined, pods: [], jobWasDeleted: true },
    {
      observation: {
        state: 'ended',
        outcome: {
          reason: 'DeletedExternally',
          message: /^Another user or controller deleted the job in the cluster before its program started; /
        }
      }
    }
  ],
  [
    'no Job of a waiting job that was to be canceled, whose Job was seen to be deleted',
    {
      job: jobOf({ status: 'Pending', intent: intent('cancel') }), jobView: undefined, pods: [], jobWasDeleted: true
    },
    { observation: { state: 'ended', outcome: { reason: 'CanceledOnRequest' } } }
  ],
  [
    'no Job of a job that was never submitted, whose Job was seen to be deleted',
    { job: jobOf({ status: 'Pending', submittedToBackend: false }), jobView: undefined, pods: [], jobWasDeleted: true },
    { observation: { state: 'absent' } }
  ],
  [
    'a pod without a node that another client deletes, at the start timeout',
    {
      job: pendingJob,
      pods: [trackedPod(podOf({ ...idle, deletedAt: NOW }))],
      startOverdue: true
    },
    { observation: { state: 'ended', outcome: { reason: 'DeletedExternally' } }, action: { kind: 'end' } }
  ],
  [
    'a pod whose namespace is being deleted',
    { job: pendingJob, pods: [trackedPod(podOf({ ...idle, deletedAt: NOW }))], namespaceGone: true },
    { observation: { state: 'pending', message: /^The namespace jobs is being deleted, and the job with it; / } }
  ],
  [
    'a paused Job',
    { job: pendingJob, jobView: jobViewOf({ paused: true, parallelism: 0, active: 0 }), pods: [] },
    { observation: { state: 'created' } }
  ],
  [
    'no Job of a job whose start the cluster refuses, before the start deadline',
    { job: refusedJob, jobView: undefined, pods: [], deadlines: { imagePullMs: 10_000, startMs: 60_001 } },
    { observation: { state: 'absent' }, action: undefined }
  ],
  [
    'no Job of a job whose start the cluster refuses, at the start deadline',
    { job: refusedJob, jobView: undefined, pods: [], deadlines: { imagePullMs: 10_000, startMs: 60_000 } },
    {
      observation: {
        state: 'ended',
        outcome: {
          status: 'Failed',
          reason: 'RefusedByCluster',
          message: 'The job did not start within 60 s after the cluster refused its start. The policy p forbids it.'
        }
      },
      action: undefined
    }
  ],
  [
    'a paused Job that the cluster refuses to unpause, at the start deadline',
    {
      job: refusedJob,
      jobView: jobViewOf({ paused: true, parallelism: 0, active: 0 }),
      pods: [],
      deadlines: { imagePullMs: 10_000, startMs: 60_000 }
    },
    { observation: { state: 'ended', outcome: { reason: 'RefusedByCluster' } }, action: { kind: 'end' } }
  ],
  [
    'no Job of a job whose start failed without a reason, such as no contact, at the start deadline',
    {
      job: jobOf({ status: 'Pending', submittedToBackend: false, lastUpdateTime: NOW - 60_000 }),
      jobView: undefined,
      pods: [],
      deadlines: { imagePullMs: 10_000, startMs: 60_000 }
    },
    { observation: { state: 'absent' }, action: undefined }
  ],
  [
    'no Job of a job whose start the cluster refuses, at the start deadline and before the lists are complete',
    {
      job: refusedJob,
      jobView: undefined,
      pods: [],
      synced: false,
      deadlines: { imagePullMs: 10_000, startMs: 60_000 }
    },
    { observation: { state: 'absent' }, action: undefined }
  ],

  // Waiting.
  [
    'a Job without a pod',
    { job: pendingJob, pods: [], events: undefined, now: CREATED + 1000 },
    { observation: { state: 'pending', requeueAfterMs: 4000, message: /about to create/ }, eventsFor: undefined }
  ],
  [
    'a suspended Job without a pod for longer than 5 s',
    { job: pendingJob, jobView: jobViewOf({ suspended: true, active: 0 }), pods: [], events: undefined },
    { observation: { state: 'pending', reason: 'SuspendedByOther', message: /suspended/ }, eventsFor: undefined }
  ],
  [
    'a suspended Job of a job whose program ran',
    { job: jobOf({ startTime: STARTED }), jobView: jobViewOf({ suspended: true, active: 0 }), pods: [] },
    { observation: { state: 'ended', outcome: { reason: 'DeletedExternally' } } }
  ],
  [
    'a suspended Job without a pod, after the start deadline',
    {
      job: pendingJob,
      jobView: jobViewOf({ suspended: true, active: 0 }),
      pods: [],
      events: undefined,
      deadlines: { imagePullMs: 10_000, startMs: 30_000 }
    },
    { observation: { state: 'ended', outcome: { reason: 'StartTimeout' } }, action: { kind: 'end' } }
  ],
  [
    'a pod that violates the Pod Security level of the namespace',
    { job: pendingJob, pods: [], events: [VIOLATION] },
    { observation: { state: 'ended', outcome: { reason: 'RefusedByCluster' } }, action: { kind: 'end' } }
  ],
  [
    'a pod that violates the Pod Security level that the namespace got after the creation of the Job',
    { job: pendingJob, pods: [], events: [VIOLATION], levelChanged: true },
    {
      observation: {
        state: 'pending',
        reason: 'RefusedByCluster',
        message: /^The Pod Security level of the namespace jobs changed while .*: violates PodSecurity /
      },
      action: undefined
    }
  ],
  [
    'a Job without a pod for longer than 5 s',
    { job: pendingJob, pods: [] },
    { observation: { state: 'pending', requeueAfterMs: 10_000 }, eventsFor: { uid: 'job-uid', since: NOW - 10_000 } }
  ],
  [
    'a Job without a pod and without events, a little later',
    { job: pendingJob, pods: [], now: CREATED + 8000 },
    { observation: { requeueAfterMs: 2000 }, eventsFor: { uid: 'job-uid', since: CREATED + 6000 } }
  ],
  [
    'a Job without a pod, with events that were read for another Job before',
    { job: pendingJob, pods: [], newerEventsInMs: 1500 },
    { observation: { state: 'pending', requeueAfterMs: 1500 } }
  ],
  [
    'a Job without a pod, after a short start deadline and before its events are read',
    { job: pendingJob, pods: [], events: undefined, now: CREATED + 3000, deadlines: SHORT },
    {
      observation: { state: 'pending', requeueAfterMs: 1000 },
      eventsFor: { uid: 'job-uid', since: CREATED + 2000, urgent: true },
      action: undefined
    }
  ],
  [
    'a Job without a pod, after the start timeout of the job and before its events are read',
    { job: pendingJob, pods: [], events: undefined, now: CREATED + 1000, startOverdue: true },
    {
      observation: { state: 'pending' },
      eventsFor: { uid: 'job-uid', since: CREATED + 2000, urgent: true },
      action: undefined
    }
  ],
  [
    'a Job without a pod, after the start timeout of the job, with its events',
    { job: pendingJob, pods: [], events: [VIOLATION], levelChanged: true, startOverdue: true },
    { observation: { state: 'pending', reason: 'RefusedByCluster' }, action: undefined }
  ],
  [
    'a Job without a pod, after a short start deadline, with its events',
    { job: pendingJob, pods: [], now: CREATED + 3000, deadlines: SHORT },
    { observation: { state: 'ended', outcome: { reason: 'StartTimeout' } }, action: { kind: 'end' } }
  ],
  [
    'a Job without a pod, with its events',
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
    'a complete Job whose pod was not observed yet',
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
    'a failed Job whose pod was not observed within 30 s, before the pods are re-listed',
    { ...endedUnobserved, relisted: false },
    { observation: { state: 'running', requeueAfterMs: 1000 }, needsRelist: true }
  ],
  [
    'a failed Job whose pod was not observed within 30 s, after the pods were re-listed',
    endedUnobserved,
    { observation: { state: 'ended', outcome: { status: 'Failed', reason: 'Lost' } }, needsRelist: undefined }
  ],
  [
    'a job that ran before a restart and has no pod, before the pods are re-listed',
    { job: jobOf({ startTime: STARTED }), pods: [], jobView: jobViewOf({ active: 0 }), relisted: false },
    { observation: { state: 'running' }, needsRelist: true, action: undefined }
  ],
  [
    'a job that ran before a restart and has no pod, after the pods were re-listed',
    { job: jobOf({ startTime: STARTED }), pods: [], jobView: jobViewOf({ active: 0 }) },
    { observation: { state: 'ended', outcome: { reason: 'DeletedExternally' } }, action: { kind: 'end' } }
  ],
  [
    'a waiting pod',
    { job: pendingJob, pods: [trackedPod(idle)], now: CREATED + 1000 },
    { observation: { state: 'pending', requeueAfterMs: 4000 }, eventsFor: undefined }
  ],
  [
    'a pod that waits for longer than 5 s',
    { job: pendingJob, pods: [trackedPod(idle)] },
    { observation: { state: 'pending', requeueAfterMs: 10_000 }, eventsFor: { uid: 'pod-1', since: NOW - 10_000 } }
  ],
  [
    'a pod whose init container runs for longer than 5 s',
    { job: pendingJob, pods: [trackedPod(podOf({ ...idle, initContainers: [{ ...running, name: 'fetch' }] }))] },
    { observation: { state: 'pending', message: /step fetch/ }, eventsFor: undefined }
  ],
  [
    'a waiting pod that shows its reason',
    { job: pendingJob, pods: [trackedPod(podOf({ ...idle, containers: [waiting('ErrImagePull', 'no')] }))] },
    { observation: { reason: 'ImagePullBackOff', requeueAfterMs: CREATED + 901_000 - NOW }, eventsFor: undefined }
  ],
  [
    'a pod that no scheduler has looked at yet',
    { job: pendingJob, pods: [trackedPod(unscheduled)], now: CREATED + 10_000 },
    { observation: { message: 'The cluster is looking for a node.', requeueAfterMs: 20_000 }, eventsFor: undefined }
  ],
  [
    'a pod that no scheduler has looked at for long',
    { job: pendingJob, pods: [trackedPod(unscheduled)] },
    { observation: { reason: 'NoScheduler', requeueAfterMs: CREATED + 86_400_000 - NOW }, eventsFor: undefined }
  ],
  [
    'a waiting pod that cannot be pulled and has a pull secret',
    {
      job: pendingJob,
      pods: [trackedPod(podOf({ ...idle, pullSecrets: ['regcred'], containers: [waiting('ErrImagePull', 'no')] }))],
      events: [{ reason: 'FailedToRetrieveImagePullSecret', message: 'some image pull secrets (regcred)' }]
    },
    {
      observation: {
        reason: 'ImagePullBackOff', message: /exist in the namespace jobs: regcred\. /, requeueAfterMs: 10_000
      },
      eventsFor: { uid: 'pod-1', since: NOW - 10_000 }
    }
  ],
  [
    'a deadline that passed while there was no contact',
    {
      job: pendingJob,
      synced: false,
      now: CREATED + 10 * 86_400_000,
      pods: [trackedPod(idle)]
    },
    { observation: { state: 'pending' }, action: undefined }
  ],

  [
    'a canceled Job that may have an unobserved pod, less than 1 s after the request',
    { ...canceled, sinceRequestedMs: 400 },
    { observation: { state: 'pending', requeueAfterMs: 600 }, needsRelist: undefined }
  ],
  [
    'a canceled Job that may have an unobserved pod, 1 s after the request',
    { ...canceled, sinceRequestedMs: 1000 },
    { observation: { state: 'pending' }, needsRelist: true, action: undefined }
  ],
  [
    'a canceled Job without a pod, after the pods were re-listed',
    { ...canceled, relisted: true },
    { observation: { state: 'ended', outcome: { status: 'Canceled' } }, needsRelist: undefined }
  ],

  [
    'a canceled Job without a pod that has output',
    { ...canceled, relisted: true, hasOutput: true },
    { observation: { state: 'ended', outcome: { status: 'Killed' } } }
  ]
]
