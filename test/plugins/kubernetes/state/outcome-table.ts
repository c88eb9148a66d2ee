// The verdict table: what is seen of a job, and how it ended. One row a case; add yours where it belongs.

import type { Intent, Outcome } from '../../../../launcher/plugin.ts'
import type { Snapshot } from '../../../../plugins/kubernetes/state/evaluate.ts'
import type { ConditionView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import {
  gonePod,
  jobOf,
  jobViewOf,
  CREATED,
  NOW,
  podOf,
  running,
  trackedPod,
  STARTED,
  terminated,
  waiting
} from '../sample-views.ts'

type Expected = { [K in keyof Outcome]?: Outcome[K] | RegExp | undefined }
export type VerdictRow = [name: string, scene: Partial<Snapshot>, outcome: Expected]

const GRACE = 10_000
const asked = (operation: Intent['operation'], at: number = NOW - 20_000): Pick<Snapshot, 'job' | 'jobView'> => ({
  job: jobOf({ status: operation === 'cancel' ? 'Pending' : 'Running', intent: { operation, at } }),
  jobView: jobViewOf({ parallelism: 0, requestedOperation: operation, requestedAt: at })
})
const pendingJob = jobOf({ status: 'Pending' })
const finished = (
  exitCode: number,
  changes: Parameters<typeof terminated>[1] = {},
  pod: Partial<PodView> = {}
): PodView =>
  podOf({ phase: exitCode === 0 ? 'Succeeded' : 'Failed', containers: [terminated(exitCode, changes)], ...pod })
/** Deleted at NOW - 20 s with a grace of 10 s. */
const deletion: Partial<PodView> = { deletedAt: NOW - 20_000 + GRACE, deletionGraceMs: GRACE }
/** What a kubelet of 1.20 may tell of a deleted pod: its container was removed before its end was read. */
const removed = (unreadyAt: number): ReturnType<typeof trackedPod> =>
  trackedPod(
    podOf(),
    podOf(deletion),
    podOf({
      ...deletion,
      phase: 'Failed',
      containers: [waiting('ContainerCreating')],
      conditions: [{ type: 'Ready', status: 'False', at: unreadyAt }]
    })
  )
const failedPod = (reason: string, message: string, pod: Partial<PodView> = {}): PodView =>
  podOf({ phase: 'Failed', reason, message, containers: [], ...pod })
const disrupted = (reason: string, at: number = NOW - 10_000): ConditionView => ({
  type: 'DisruptionTarget',
  status: 'True',
  reason,
  message: 'words',
  at
})
const init = (
  exitCode: number,
  reason = 'Error',
  { name = 'fetch', message }: { name?: string; message?: string } = {}
): PodView =>
  podOf({
    phase: 'Failed',
    containers: [waiting('PodInitializing')],
    initContainers: [{ name, restarts: 0, terminated: { exitCode, reason, ...(message !== undefined && { message }) } }]
  })
const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })

export const VERDICTS: VerdictRow[] = [
  // The program ended by itself.
  [
    'exit code 0',
    { pods: [trackedPod(finished(0))] },
    { status: 'Finished', reason: 'Exited', exitCode: 0, message: 'The program ended with exit code 0.' }
  ],
  ['exit code 3', { pods: [trackedPod(finished(3))] }, { status: 'Finished', reason: 'Exited', exitCode: 3 }],
  [
    "exit code 137, which may be the program's own",
    { pods: [trackedPod(finished(137))] },
    { status: 'Finished', reason: 'Exited', exitCode: 137, message: /was killed/ }
  ],
  ['exit code 255', { pods: [trackedPod(finished(255))] }, { status: 'Finished', reason: 'Exited', exitCode: 255 }],
  [
    'a signal, as a shell tells it',
    { pods: [trackedPod(finished(139))] },
    { status: 'Finished', reason: 'Signaled', exitCode: 139, message: /SIGSEGV/ }
  ],
  [
    'a signal, as a runtime tells it',
    { pods: [trackedPod(finished(137, { signal: 9 }))] },
    { status: 'Finished', reason: 'Signaled', message: /SIGKILL/ }
  ],
  ['exit code 0, and the pod is gone', { pods: [gonePod(podOf(), finished(0))] }, { status: 'Finished', exitCode: 0 }],
  [
    'the pod succeeded and says no more',
    { pods: [trackedPod(podOf({ phase: 'Succeeded', containers: [] }))] },
    { status: 'Finished', exitCode: 0 }
  ],
  [
    'the program ended and a sidecar still runs',
    { pods: [trackedPod(podOf({ containers: [terminated(4), { ...running, name: 'proxy' }] }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 4 }
  ],
  [
    'the pod was deleted after the end',
    { pods: [gonePod(podOf(), finished(5), finished(5, {}, deletion))] },
    { reason: 'Exited', exitCode: 5 }
  ],
  [
    'the pod was deleted after the end, both first seen at once',
    { pods: [trackedPod(finished(5, { finishedAt: NOW - 21_000 }, deletion))] },
    { reason: 'Exited', exitCode: 5 }
  ],
  [
    'the pod was deleted in the second of its end',
    { pods: [trackedPod(finished(5, { finishedAt: NOW - 20_000 }, deletion))] },
    { reason: 'Exited', exitCode: 5 }
  ],
  [
    'the node was drained after the end',
    { pods: [trackedPod(finished(5, {}, { conditions: [disrupted('EvictionByEvictionAPI', NOW - 1000)] }))] },
    { reason: 'Exited', exitCode: 5 }
  ],

  // It used more than it may.
  [
    'out of memory',
    { pods: [trackedPod(finished(137, { reason: 'OOMKilled' }))] },
    { status: 'Killed', reason: 'OutOfMemory', exitCode: 137, message: /limit of its container/ }
  ],
  [
    'out of memory with a limit of its own',
    {
      job: jobOf({ submission: { ...jobOf().submission, resourceLimits: [{ type: 'memory', value: 64 }] } }),
      pods: [trackedPod(finished(137, { reason: 'OOMKilled' }))]
    },
    { reason: 'OutOfMemory', message: /64 MB/ }
  ],
  [
    'a child out of memory',
    { pods: [trackedPod(finished(1, { reason: 'OOMKilled' }))] },
    { status: 'Finished', reason: 'OutOfMemory', exitCode: 1 }
  ],
  [
    'a child out of memory that was borne',
    { pods: [trackedPod(finished(0, { reason: 'OOMKilled' }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 0 }
  ],

  // It never started.
  [
    'no such program',
    {
      job: jobOf({ status: 'Pending', submission: { name: 'x', exe: 'nope', container: { image: 'i' } } }),
      pods: [
        trackedPod(
          finished(128, {
            reason: 'StartError',
            startedAt: 0,
            message: 'exec: "nope": executable file not found in $PATH: unknown'
          })
        )
      ]
    },
    { status: 'Failed', reason: 'ExecutableNotFound', message: /nope .*\$PATH/ }
  ],
  [
    'an image without a shell',
    {
      pods: [
        trackedPod(finished(127, { reason: 'ContainerCannotRun', message: 'stat /bin/sh: no such file or directory' }))
      ]
    },
    { reason: 'ExecutableNotFound', message: /\/bin\/sh/ }
  ],
  [
    'no such folder',
    {
      job: jobOf({ submission: { ...jobOf().submission, workingDirectory: '/nowhere' } }),
      pods: [
        trackedPod(
          finished(128, {
            reason: 'StartError',
            message: 'chdir to cwd ("/nowhere") set in config.json failed: not a directory'
          })
        )
      ]
    },
    { status: 'Failed', reason: 'WorkingDirectoryNotFound', message: /\/nowhere/ }
  ],
  [
    'the runtime could not start it',
    { pods: [trackedPod(finished(128, { reason: 'StartError', message: 'out of luck' }))] },
    { status: 'Failed', reason: 'StartFailed', message: /out of luck/ }
  ],
  [
    'a step before it failed',
    { pods: [trackedPod(init(3))] },
    { status: 'Failed', reason: 'InitFailed', message: /fetch.* exit code 3/ }
  ],
  [
    'a file of the data did not come',
    { pods: [trackedPod(init(1, 'Error', { name: 'wait-for-files', message: '/app/app.R' }))] },
    { status: 'Failed', reason: 'DataNotReady', message: /the file \/app\/app\.R: it is not in the data/ }
  ],
  [
    'there is no shell to wait with',
    {
      pods: [trackedPod(init(128, 'StartError', { name: 'wait-for-files', message: 'exec: "/bin/sh": no such file' }))]
    },
    { status: 'Failed', reason: 'InitFailed', message: /wait-for-files.*no such file/ }
  ],
  [
    'a step before it ran out of memory',
    { pods: [trackedPod(init(137, 'OOMKilled'))] },
    { status: 'Failed', reason: 'InitFailed', message: /fetch.* more memory/ }
  ],
  [
    'the node had no room after all',
    { pods: [trackedPod(failedPod('OutOfcpu', "Node didn't have enough resource: cpu"))] },
    { status: 'Failed', reason: 'NodeRefused', message: /node-a.*cpu/ }
  ],
  [
    'the node has not the labels',
    { pods: [trackedPod(failedPod('NodeAffinity', 'Predicate NodeAffinity failed'))] },
    { status: 'Failed', reason: 'NodeRefused' }
  ],
  [
    'the node may not run it',
    { pods: [trackedPod(failedPod('UnexpectedAdmissionError', 'no'))] },
    { status: 'Failed', reason: 'NodeRefused' }
  ],

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
    'evicted while the statuses still say that it runs',
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
    'the node shuts down',
    { pods: [trackedPod(failedPod('Terminated', 'Pod was terminated in response to imminent node shutdown.'))] },
    { reason: 'Evicted', message: /shutdown/ }
  ],
  [
    'drained, where the cluster says so',
    { pods: [gonePod(podOf({ ...deletion, conditions: [disrupted('EvictionByEvictionAPI')] }))] },
    { status: 'Failed', reason: 'Evicted', message: /free its node/ }
  ],
  [
    'preempted, where the cluster says so',
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
    'a rule of the cluster bounds its time',
    {
      jobView: jobViewOf({
        active: 0,
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'DeadlineExceeded',
            message: 'Job was active longer than specified deadline'
          }
        ]
      }),
      pods: [gonePod(podOf())]
    },
    { status: 'Failed', reason: 'Evicted', message: /longer than the cluster allows/ }
  ],

  // The node is lost.
  [
    'taken from a node that does not answer',
    { pods: [gonePod(podOf({ ...deletion, conditions: [disrupted('DeletionByTaintManager')] }))] },
    { status: 'Failed', reason: 'NodeLost' }
  ],
  [
    'the pod says so',
    { pods: [trackedPod(failedPod('NodeLost', 'Node node-a which was running pod is unresponsive'))] },
    { status: 'Failed', reason: 'NodeLost', message: /node-a/ }
  ],
  [
    'a deletion that its node does not carry out',
    { pods: [trackedPod(podOf({ deletedAt: NOW - 30_000, deletionGraceMs: GRACE }))] },
    { status: 'Failed', reason: 'NodeLost', message: /node-a does not answer/ }
  ],
  [
    'a stop that its node does not carry out',
    { ...asked('stop'), pods: [trackedPod(podOf({ deletedAt: NOW - 30_000, deletionGraceMs: GRACE }))] },
    { status: 'Failed', reason: 'NodeLost', message: /asked to end/ }
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

  // Somebody deleted it.
  [
    'the pod was deleted while it ran',
    { pods: [trackedPod(podOf(), podOf(deletion), finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: 143, message: /while its program ran/ }
  ],
  [
    'the pod was deleted while it ran, both first seen at once',
    { pods: [trackedPod(finished(0, { finishedAt: NOW - 19_000 }, deletion))] },
    { reason: 'DeletedExternally', exitCode: 0 }
  ],
  [
    'the pod was deleted in the second of its end by a signal',
    { pods: [trackedPod(finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { reason: 'DeletedExternally', exitCode: 143 }
  ],
  [
    'the pod was deleted with force',
    { pods: [gonePod(podOf())] },
    { status: 'Failed', reason: 'DeletedExternally', exitCode: undefined, message: /while its program ran/ }
  ],
  [
    'the pod was deleted before it started',
    { job: pendingJob, pods: [gonePod(idle, podOf({ ...idle, ...deletion }))] },
    { status: 'Failed', reason: 'DeletedExternally', message: /before its program started/ }
  ],
  [
    'the pod was deleted before it started, where a node makes it Failed',
    { job: pendingJob, pods: [trackedPod(idle, podOf({ ...idle, ...deletion, phase: 'Failed' }))] },
    { reason: 'DeletedExternally', exitCode: undefined }
  ],
  [
    'the Job was deleted and its pod with it',
    { jobView: undefined, pods: [gonePod(podOf(deletion))] },
    { status: 'Failed', reason: 'DeletedExternally' }
  ],
  [
    'the Job is being deleted and its pod is gone',
    { jobView: jobViewOf({ deletedAt: NOW }), pods: [gonePod(podOf(deletion))] },
    { reason: 'DeletedExternally' }
  ],
  [
    'the pod went away unseen',
    { job: jobOf({ startTime: STARTED }), jobView: jobViewOf({ active: 0 }), pods: [] },
    { reason: 'DeletedExternally' }
  ],
  [
    'the pod went away unseen and another runs',
    {
      job: jobOf({ startTime: STARTED }),
      pods: [trackedPod(podOf({ containers: [{ ...running, running: { startedAt: STARTED + 9000 } }] }))]
    },
    { reason: 'DeletedExternally' }
  ],
  [
    'the pod went away unseen and another is about to run',
    { job: jobOf({ startTime: STARTED }), pods: [trackedPod(idle)] },
    { reason: 'DeletedExternally' }
  ],
  [
    'the run was ended by an earlier launcher for that',
    { job: jobOf({ startTime: STARTED }), jobView: jobViewOf({ parallelism: 0, active: 0 }), pods: [] },
    { reason: 'DeletedExternally' }
  ],

  // It was asked to end.
  [
    'stop within the grace',
    {
      ...asked('stop'),
      pods: [trackedPod(podOf(), podOf(deletion), finished(7, { finishedAt: NOW - 15_000 }, deletion))]
    },
    { status: 'Finished', reason: 'Stopped', exitCode: 7 }
  ],
  [
    'stop of a program that SIGTERM ends',
    { ...asked('stop'), pods: [trackedPod(podOf(deletion), finished(143, { finishedAt: NOW - 20_000 }, deletion))] },
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'stop beyond the grace',
    { ...asked('stop'), pods: [trackedPod(podOf(deletion), finished(137, { finishedAt: NOW - 10_000 }, deletion))] },
    { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137, message: /10 s/ }
  ],
  [
    'killed by another within the grace',
    { ...asked('stop'), pods: [trackedPod(podOf(deletion), finished(137, { finishedAt: NOW - 15_000 }, deletion))] },
    { status: 'Finished', reason: 'Stopped', exitCode: 137 }
  ],
  [
    'stop of a program that had ended',
    { ...asked('stop'), pods: [trackedPod(podOf(), finished(3))] },
    { status: 'Finished', reason: 'Exited', exitCode: 3 }
  ],
  [
    'stop, and the pod was gone before its exit code was read',
    { ...asked('stop'), pods: [gonePod(podOf(deletion))] },
    { status: 'Finished', reason: 'Stopped', exitCode: undefined }
  ],
  [
    'stop within the grace, and the node removed the container before it told',
    { ...asked('stop'), pods: [removed(NOW - 15_000)] },
    { status: 'Finished', reason: 'Stopped', exitCode: undefined }
  ],
  [
    'stop beyond the grace, and the node removed the container before it told',
    { ...asked('stop'), pods: [removed(NOW - 10_000)] },
    { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 }
  ],
  [
    'stop that only the Job tells of',
    { jobView: asked('stop').jobView, pods: [trackedPod(podOf(deletion), finished(143, {}, deletion))] },
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'kill',
    { ...asked('kill'), pods: [gonePod(podOf(), podOf(deletion))] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'kill of a program that SIGTERM ends',
    { ...asked('kill'), pods: [gonePod(podOf(deletion), finished(143, {}, deletion))] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'kill of a program that had ended',
    { ...asked('kill'), pods: [gonePod(podOf(), finished(5))] },
    { status: 'Finished', reason: 'Exited', exitCode: 5 }
  ],
  [
    'kill of a job whose pod nobody saw',
    { ...asked('kill'), jobView: jobViewOf({ parallelism: 0, active: 0, requestedOperation: 'kill' }), pods: [] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'cancel before there was a pod',
    { ...asked('cancel'), jobView: jobViewOf({ parallelism: 0, active: 0, requestedOperation: 'cancel' }), pods: [] },
    { status: 'Canceled', reason: 'CanceledOnRequest', exitCode: undefined }
  ],
  [
    'cancel of a pod that waits',
    { ...asked('cancel'), pods: [gonePod(idle, podOf({ ...idle, ...deletion }))] },
    { status: 'Canceled', reason: 'CanceledOnRequest' }
  ],
  [
    'cancel of a pod that waits, where a node makes it Failed',
    { ...asked('cancel'), pods: [trackedPod(idle, podOf({ ...idle, ...deletion, phase: 'Failed' }))] },
    { status: 'Canceled', exitCode: undefined }
  ],
  [
    'cancel of a pod that waits, where a node makes up an exit code',
    {
      ...asked('cancel'),
      pods: [
        trackedPod(
          idle,
          podOf({
            ...idle,
            ...deletion,
            phase: 'Failed',
            containers: [
              { name: 'content', restarts: 0, terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } }
            ]
          })
        )
      ]
    },
    { status: 'Canceled', exitCode: undefined }
  ],
  [
    'cancel in the moment of the start',
    { ...asked('cancel'), pods: [trackedPod(podOf(), podOf(deletion), finished(143, {}, deletion))] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
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

  // It waited too long.
  [
    'a name that is no image',
    {
      job: pendingJob,
      pods: [trackedPod(podOf({ ...idle, containers: [waiting('InvalidImageName', "couldn't parse image")] }))]
    },
    { status: 'Failed', reason: 'InvalidImageName' }
  ],
  [
    'an image that cannot be pulled, after its deadline',
    {
      job: pendingJob,
      now: CREATED + 901_000,
      pods: [trackedPod(podOf({ ...idle, containers: [waiting('ErrImagePull', 'not found')] }))]
    },
    { status: 'Failed', reason: 'ImagePullBackOff', message: /registry\.example\/report:1/ }
  ],
  [
    'a secret that is missing, after a minute',
    {
      job: pendingJob,
      now: CREATED + 61_000,
      pods: [
        trackedPod(podOf({ ...idle, containers: [waiting('CreateContainerConfigError', 'secret "db" not found')] }))
      ]
    },
    { status: 'Failed', reason: 'CreateContainerConfigError', message: /secret db, which does not exist/ }
  ],
  [
    'no node, after the deadline of the start',
    {
      job: pendingJob,
      deadlines: { imagePullMs: 1, startMs: 30_000 },
      pods: [
        trackedPod(
          podOf({
            ...idle,
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: '0/1 nodes are available: 1 Insufficient cpu.'
              }
            ]
          })
        )
      ]
    },
    { status: 'Failed', reason: 'StartTimeout', message: /30 s .*enough CPU/ }
  ],
  [
    'no pod, after the deadline of the start',
    { job: pendingJob, deadlines: { imagePullMs: 1, startMs: 30_000 }, pods: [] },
    { status: 'Failed', reason: 'StartTimeout' }
  ],

  // Only the Job is left.
  [
    'a Job that is complete',
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
    'a Job that failed',
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
    'a verdict that stands on the Job',
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
