// Outcomes that the cluster, a lost node, or another user or controller caused.

import {
  deletion,
  disrupted,
  failedPod,
  finished,
  GRACE,
  idle,
  pendingJob,
  requested,
  type OutcomeRow
} from './outcome-fixtures.ts'
import { gonePod, jobOf, jobViewOf, NOW, podOf, running, STARTED, trackedPod } from '../sample-views.ts'

const pastDeadline = {
  type: 'Failed',
  status: 'True',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline'
}
const { node: _node, ...unscheduledPod } = idle
const withoutNode = {
  ...unscheduledPod,
  conditions: [{
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/3 nodes are available: 3 Insufficient cpu.'
  }]
}

export const CLUSTER_OUTCOMES: OutcomeRow[] = [
  // The cluster ended it.
  [
    'evicted for memory',
    { pods: [trackedPod(failedPod('Evicted', 'The node was low on resource: memory.'))] },
    { status: 'Failed', reason: 'Evicted', message: /short of memory/ }
  ],
  [
    'evicted for disk space',
    { pods: [trackedPod(failedPod('Evicted', 'The node was low on resource: ephemeral-storage.'))] },
    { status: 'Failed', reason: 'Evicted', message: /disk space/ }
  ],
  [
    'evicted while the container status is still running',
    { pods: [trackedPod(failedPod('Evicted', 'The node was low on resource: pids.', { containers: [running] }))] },
    { reason: 'Evicted', message: /process ids/ }
  ],
  [
    'evicted with an exit code',
    {
      pods: [
        trackedPod(podOf(), finished(137, {}, { reason: 'Evicted', message: 'The node was low on resource: memory.' }))
      ]
    },
    { status: 'Failed', reason: 'Evicted', exitCode: 137 }
  ],
  [
    'preempted',
    { pods: [trackedPod(failedPod('Preempting', 'Preempted in order to admit critical pod'))] },
    { reason: 'Evicted', message: /more important/ }
  ],
  [
    'the node was shut down',
    { pods: [trackedPod(failedPod('Terminated', 'Pod was terminated in response to imminent node shutdown.'))] },
    { reason: 'Evicted', message: /shutdown/ }
  ],
  [
    'drained, and the program ended in its grace',
    { pods: [trackedPod(podOf(), finished(7, {}, { ...deletion, conditions: [disrupted('EvictionByEvictionAPI')] }))] },
    { status: 'Failed', reason: 'Evicted', exitCode: 7, message: /free its node/ }
  ],
  [
    'drained, with a DisruptionTarget condition',
    { pods: [gonePod(podOf({ ...deletion, conditions: [disrupted('EvictionByEvictionAPI')] }))] },
    { status: 'Failed', reason: 'Evicted', message: /free its node/ }
  ],
  [
    'preempted, with a DisruptionTarget condition',
    {
      pods: [
        trackedPod(
          podOf(deletion),
          finished(143, {}, { ...deletion, conditions: [disrupted('PreemptionByScheduler')] })
        )
      ]
    },
    { reason: 'Evicted', exitCode: 143, message: /more important/ }
  ],
  [
    'a deadline of the cluster for the Job passed',
    { jobView: jobViewOf({ active: 0, conditions: [pastDeadline] }), pods: [gonePod(podOf())] },
    { status: 'Failed', reason: 'DeadlineExceeded', message: /activeDeadlineSeconds.*\(Kubernetes: Job was active/ }
  ],

  [
    'a deadline of the cluster for the Job passed before the pod got a node',
    {
      job: pendingJob,
      jobView: jobViewOf({ deadline: { activeMs: 8000 }, conditions: [pastDeadline] }),
      pods: [gonePod(withoutNode)]
    },
    {
      status: 'Failed',
      reason: 'DeadlineExceeded',
      message: /because it did not start within the activeDeadlineSeconds of 8 s .*\)\. .*Insufficient cpu/
    }
  ],
  [
    'a deadline of the cluster for the Job passed before the job had a pod',
    {
      job: { ...pendingJob, message: 'The quota of the namespace is used up.' },
      jobView: jobViewOf({ deadline: { activeMs: 8000 }, active: 0, conditions: [pastDeadline] }),
      pods: [],
      relisted: true
    },
    { status: 'Failed', reason: 'DeadlineExceeded', message: /did not start within .*\)\. The quota .* is used up\.$/ }
  ],
  [
    'a deadline of the cluster passed, and the launcher saw the deletion of the pod first',
    {
      jobView: jobViewOf({ startedAt: NOW - 80_000, deadline: { activeMs: 60_000 }, parallelism: 0 }),
      pods: [trackedPod(podOf(), finished(143, { finishedAt: NOW - 20_000 }, deletion))]
    },
    { status: 'Failed', reason: 'DeadlineExceeded', message: /activeDeadlineSeconds of 60 s/, exitCode: 143 }
  ],
  [
    'a deadline of the cluster passed, and the Job has the condition FailureTarget',
    {
      jobView: jobViewOf({
        conditions: [{ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded', message: 'words' }]
      }),
      pods: [trackedPod(podOf(), finished(143, { finishedAt: NOW - 20_000 }, deletion))]
    },
    { status: 'Failed', reason: 'DeadlineExceeded', message: /\(Kubernetes: words\)\.$/, exitCode: 143 }
  ],
  [
    'the pod was deleted before its deadline',
    {
      jobView: jobViewOf({ startedAt: NOW - 80_000, deadline: { activeMs: 70_000 }, parallelism: 0 }),
      pods: [trackedPod(podOf(), finished(143, { finishedAt: NOW - 20_000 }, deletion))]
    },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: 143 }
  ],
  [
    'a deadline of the pod passed',
    { pods: [trackedPod(failedPod('DeadlineExceeded', 'Pod was active on the node longer than the deadline'))] },
    { status: 'Failed', reason: 'DeadlineExceeded', message: /\(Kubernetes: Pod was active on the node longer/ }
  ],
  [
    'a deadline of the pod passed, and its program was killed',
    { pods: [trackedPod(podOf(), finished(137, {}, { reason: 'DeadlineExceeded', message: 'Pod was active' }))] },
    { status: 'Failed', reason: 'DeadlineExceeded', exitCode: 137 }
  ],
  [
    'the node that the job names does not exist',
    {
      job: jobOf({ status: 'Pending', submission: { ...jobOf().submission, host: 'node-a' } }),
      pods: [trackedPod(idle, failedPod('', '', { ...deletion, conditions: [disrupted('DeletionByPodGC')] }))]
    },
    { status: 'Failed', reason: 'HostNotFound', message: /^The node node-a, .* does not exist \(Kubernetes: words\)/ }
  ],
  [
    'another client copied the pod',
    {
      jobView: jobViewOf({ parallelism: 0 }),
      pods: [
        trackedPod(podOf({ createdBy: 'controller' }), finished(143, {}, { ...deletion, createdBy: 'controller' })),
        gonePod(podOf({ ...idle, ...deletion, uid: 'pod-2', name: 'copy', createdBy: 'kubectl-create' }))
      ]
    },
    { status: 'Failed', reason: 'PodCopied', message: /\(kubectl-create\) created the pod copy as/, exitCode: 143 }
  ],

  // The node is lost.
  [
    'deleted by the taint manager from a node that does not answer',
    { pods: [gonePod(podOf({ ...deletion, conditions: [disrupted('DeletionByTaintManager')] }))] },
    { status: 'Failed', reason: 'NodeLost' }
  ],
  [
    'a failed pod with reason NodeLost',
    { pods: [trackedPod(failedPod('NodeLost', 'Node node-a which was running pod is unresponsive'))] },
    { status: 'Failed', reason: 'NodeLost', message: /node-a/ }
  ],
  [
    'a deletion that the node does not carry out',
    { pods: [trackedPod(podOf({ deletedAt: NOW - 30_000, deletionGraceMs: GRACE }))] },
    { status: 'Failed', reason: 'NodeLost', message: /node-a does not answer/ }
  ],
  [
    'a stop that the node does not carry out',
    { ...requested('stop'), pods: [trackedPod(podOf({ deletedAt: NOW - 30_000, deletionGraceMs: GRACE }))] },
    { status: 'Failed', reason: 'NodeLost', message: /requested to end/ }
  ],
  [
    'the node was restarted',
    { pods: [trackedPod(finished(255, { reason: 'Unknown' }))] },
    { status: 'Failed', reason: 'NodeLost', message: /lost the container/ }
  ],
  [
    'the node lost the container',
    { pods: [trackedPod(finished(137, { reason: 'ContainerStatusUnknown' }))] },
    { status: 'Failed', reason: 'NodeLost' }
  ],

  // Another user or controller deleted it.
  [
    'the pod was deleted while its program ran',
    { pods: [trackedPod(podOf(), podOf(deletion), finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: 143, message: /while its program ran/ }
  ],
  [
    'the pod was deleted while its program ran, and deletion and end were observed at once',
    { pods: [trackedPod(finished(0, { finishedAt: NOW - 19_000 }, deletion))] },
    { reason: 'DeletedExternally', exitCode: 0 }
  ],
  [
    'the pod was deleted in the same second in which a signal ended its program',
    { pods: [trackedPod(finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { reason: 'DeletedExternally', exitCode: 143 }
  ],
  [
    'another client suspended the Job',
    {
      jobView: jobViewOf({ suspended: true, suspendedBy: 'kubectl-patch' }),
      pods: [trackedPod(podOf(), finished(143, {}, deletion))]
    },
    { reason: 'DeletedExternally', message: /^Another client \(kubectl-patch\) suspended the job .* so its pod was/ }
  ],
  [
    'another client scaled the Job to 0',
    {
      jobView: jobViewOf({ parallelism: 0, scaledDownBy: 'kubectl-patch' }),
      pods: [trackedPod(podOf(), finished(143, {}, deletion))]
    },
    { reason: 'DeletedExternally', message: /^Another client \(kubectl-patch\) scaled the job to 0 .* so its pod was/ }
  ],
  [
    'another client changed the pod, which is gone',
    { pods: [gonePod(podOf({ changedBy: 'kubectl-edit', createdBy: 'controller' }))] },
    { status: 'Failed', reason: 'DeletedExternally', message: /not run again; kubectl-edit changed its pod before\.$/ }
  ],
  [
    'the pod was deleted by force',
    { pods: [gonePod(podOf())] },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: undefined, message: /while its program ran/ }
  ],
  [
    'the pod was deleted before its program started',
    { job: pendingJob, pods: [gonePod(idle, podOf({ ...idle, ...deletion }))] },
    { status: 'Failed', reason: 'DeletedExternally', message: /before its program started/ }
  ],
  [
    'the pod was deleted before its program started, and the node set its phase to Failed',
    { job: pendingJob, pods: [trackedPod(idle, podOf({ ...idle, ...deletion, phase: 'Failed' }))] },
    { reason: 'DeletedExternally', exitCode: undefined }
  ],
  [
    'the Job was deleted, and its pod with it',
    { jobView: undefined, pods: [trackedPod(podOf(), finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: 143, message: /; its Job was deleted\.$/ }
  ],
  [
    'the Job was deleted with its pod, which is gone',
    { jobView: undefined, pods: [gonePod(podOf(deletion))] },
    { status: 'Failed', reason: 'DeletedExternally', message: /; its Job was deleted\.$/ }
  ],
  [
    'the namespace was deleted',
    { namespaceGone: true, pods: [trackedPod(podOf(), finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: 143, message: /; its namespace jobs was deleted\.$/ }
  ],
  [
    'the Job was deleted without its pod, whose program ended by itself',
    { jobView: undefined, pods: [trackedPod(podOf(), finished(3))] },
    { status: 'Finished', reason: 'Exited', exitCode: 3 }
  ],
  [
    'a pod that was deleted by force while its program ran, and that the Job counts as failed',
    {
      jobView: jobViewOf({
        active: 0,
        failed: 1,
        conditions: [{ type: 'Failed', status: 'True', at: NOW, reason: 'BackoffLimitExceeded' }]
      }),
      pods: [gonePod(podOf({ deletedAt: NOW, deletionGraceMs: 0 }))]
    },
    { status: 'Failed', reason: 'DeletedExternally', message: /while its program ran/, exitCode: undefined }
  ],
  [
    'the Job is being deleted and its pod is gone',
    { jobView: jobViewOf({ deletedAt: NOW }), pods: [gonePod(podOf(deletion))] },
    { reason: 'DeletedExternally', message: /; its Job was deleted\.$/ }
  ],
  [
    'the pod disappeared unobserved',
    { job: jobOf({ startTime: STARTED }), jobView: jobViewOf({ active: 0 }), pods: [] },
    { reason: 'DeletedExternally' }
  ],
  [
    'the pod disappeared unobserved, and another runs',
    {
      job: jobOf({ startTime: STARTED }),
      pods: [trackedPod(podOf({ containers: [{ ...running, running: { startedAt: STARTED + 9000 } }] }))]
    },
    { reason: 'DeletedExternally' }
  ],
  [
    'the pod disappeared unobserved, and another is about to run',
    { job: jobOf({ startTime: STARTED }), pods: [trackedPod(idle)] },
    { reason: 'DeletedExternally' }
  ],
  [
    'the pod disappeared unobserved, and an earlier launcher terminated the Job for that',
    { job: jobOf({ startTime: STARTED }), jobView: jobViewOf({ parallelism: 0, active: 0 }), pods: [] },
    { reason: 'DeletedExternally' }
  ],

  // A second pod.
  [
    'a second pod after the first was deleted',
    { pods: [gonePod(podOf()), trackedPod(podOf({ ...idle, uid: 'pod-2', createdAt: NOW - 1000 }))] },
    { status: 'Failed', reason: 'DeletedExternally' }
  ],
  [
    'a second pod after the first had ended',
    { pods: [gonePod(finished(3)), trackedPod(podOf({ ...idle, uid: 'pod-2', createdAt: NOW - 1000 }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 3 }
  ],

  // Only the Job is left.
  [
    'a complete Job without a pod',
    {
      jobView: jobViewOf({
        active: 0,
        succeeded: 1,
        conditions: [{ type: 'Complete', status: 'True', at: NOW - 30_000 }]
      }),
      pods: []
    },
    { status: 'Finished', exitCode: 0 }
  ],
  [
    'a Job without a pod that met its criteria of success',
    {
      jobView: jobViewOf({
        active: 0,
        conditions: [
          { type: 'SuccessCriteriaMet', status: 'True', at: NOW - 30_000 },
          { type: 'Complete', status: 'True', at: NOW - 30_000 }
        ]
      }),
      pods: []
    },
    { status: 'Finished', exitCode: 0 }
  ],
  [
    'a Job without a pod that a rule of its podFailurePolicy failed',
    {
      jobView: jobViewOf({
        active: 0,
        failed: 1,
        conditions: [
          { type: 'Failed', status: 'True', at: NOW - 30_000, reason: 'PodFailurePolicy', message: 'words' }
        ]
      }),
      pods: []
    },
    { status: 'Failed', reason: 'Lost', message: /^A rule of the podFailurePolicy .*\(Kubernetes: words\)\.$/ }
  ],
  [
    'a failed Job without a pod',
    {
      jobView: jobViewOf({
        active: 0,
        failed: 1,
        conditions: [{ type: 'Failed', status: 'True', at: NOW - 30_000, reason: 'BackoffLimitExceeded' }]
      }),
      pods: []
    },
    { status: 'Failed', reason: 'Lost', exitCode: undefined }
  ],
  [
    'an outcome that is stored on the Job',
    {
      jobView: jobViewOf({
        parallelism: 0,
        outcome: { status: 'Failed', reason: 'StartTimeout', message: 'Too late.' }
      }),
      pods: [gonePod(podOf(deletion))]
    },
    { status: 'Failed', reason: 'StartTimeout', message: 'Too late.' }
  ]
]
