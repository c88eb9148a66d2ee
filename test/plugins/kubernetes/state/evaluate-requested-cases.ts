// Evaluations of jobs that were requested to stop, to be killed or to be canceled.

import { deletion, idle, intent, pendingJob, type EvaluateCase } from './evaluate-fixtures.ts'
import { jobOf, jobViewOf, podOf, trackedPod, } from '../sample-views.ts'

export const REQUESTED_CASES: EvaluateCase[] = [
  // A requested operation.
  [
    'a stop before it is carried out',
    { job: jobOf({ intent: intent('stop') }) },
    { observation: { state: 'running' }, action: { kind: 'end', intent: intent('stop') } }
  ],
  [
    'a stop after it was carried out',
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
    'a kill less than 10 s ago',
    {
      job: jobOf({ intent: intent('kill') }),
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'kill' }),
      pods: [trackedPod(podOf(deletion))]
    },
    { observation: { requeueAfterMs: 9500 }, action: undefined }
  ],
  [
    'a kill 10 s ago',
    {
      job: jobOf({ intent: intent('kill') }),
      sinceRequestedMs: 10_000,
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'kill' }),
      pods: [trackedPod(podOf(deletion))]
    },
    { action: { kind: 'deletePods', pods: [podOf().name] } }
  ],
  [
    'a cancel of a waiting pod',
    { job: { ...pendingJob, intent: intent('cancel') }, pods: [trackedPod(idle)] },
    { observation: { state: 'pending' }, action: { kind: 'end', intent: intent('cancel') } }
  ],
  [
    'a cancel after it was carried out',
    {
      job: { ...pendingJob, intent: intent('cancel') },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: [trackedPod({ ...idle, ...deletion })]
    },
    { observation: { state: 'pending', message: /being canceled/ }, action: undefined }
  ],
  [
    'a cancel of a pod whose node does not exist',
    {
      job: {
        ...pendingJob, intent: intent('cancel'), submission: { ...pendingJob.submission, host: 'node-a' }
      },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: [trackedPod({ ...idle, ...deletion, conditions: [] })],
      hostMissing: true
    },
    { action: { kind: 'deletePods' } }
  ],
  [
    'a cancel 10 s ago of a pod that its node keeps',
    {
      job: { ...pendingJob, intent: intent('cancel') },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: [trackedPod({ ...idle, ...deletion })],
      sinceRequestedMs: 10_000
    },
    { action: { kind: 'deletePods' } }
  ],
  [
    'a cancel of a Job without a pod',
    { job: { ...pendingJob, intent: intent('cancel') }, pods: [] },
    { observation: { state: 'pending' }, action: { kind: 'end', intent: intent('cancel') } }
  ],
  [
    'a cancel while the event of a pod is pending',
    {
      job: { ...pendingJob, intent: intent('cancel') },
      jobView: jobViewOf({ parallelism: 0, requestedOperation: 'cancel' }),
      pods: []
    },
    { observation: { state: 'pending', requeueAfterMs: Number } }
  ],
  [
    'a cancel of a running job',
    { job: { ...pendingJob, intent: intent('cancel') } },
    { observation: { state: 'running' }, action: undefined }
  ],
  [
    'a cancel of a running job whose pod another client deletes',
    { job: { ...pendingJob, intent: intent('cancel') }, pods: [trackedPod(podOf(deletion))] },
    { action: { kind: 'end', intent: undefined } }
  ]
]
