// Outcomes of requested operations, and of jobs that waited too long.

import { deletion, finished, idle, pendingJob, removed, requested, type OutcomeRow } from './outcome-fixtures.ts'
import { CREATED, gonePod, jobViewOf, NOW, podOf, trackedPod, waiting } from '../sample-views.ts'

export const REQUESTED_OUTCOMES: OutcomeRow[] = [
  // A requested operation ended it.
  [
    'stop within the grace period',
    {
      ...requested('stop'),
      pods: [trackedPod(podOf(), podOf(deletion), finished(7, { finishedAt: NOW - 15_000 }, deletion))]
    },
    { status: 'Finished', reason: 'Stopped', exitCode: 7 }
  ],
  [
    'stop of a program that SIGTERM terminates',
    {
      ...requested('stop'),
      pods: [trackedPod(podOf(deletion), finished(143, { finishedAt: NOW - 20_000 }, deletion))]
    },
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'stop beyond the grace period',
    {
      ...requested('stop'),
      pods: [trackedPod(podOf(deletion), finished(137, { finishedAt: NOW - 10_000 }, deletion))]
    },
    { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137, message: /10 s/ }
  ],
  [
    'killed by another process within the grace period',
    {
      ...requested('stop'),
      pods: [trackedPod(podOf(deletion), finished(137, { finishedAt: NOW - 15_000 }, deletion))]
    },
    { status: 'Finished', reason: 'Stopped', exitCode: 137 }
  ],
  [
    'stop of a program that had ended',
    { ...requested('stop'), pods: [trackedPod(podOf(), finished(3))] },
    { status: 'Finished', reason: 'Exited', exitCode: 3 }
  ],
  [
    'stop of a pod that was gone before its exit code was read',
    { ...requested('stop'), pods: [gonePod(podOf(deletion))] },
    { status: 'Finished', reason: 'Stopped', exitCode: undefined }
  ],
  [
    'stop within the grace period, and the node removed the container before it reported the end',
    { ...requested('stop'), pods: [removed(NOW - 15_000)] },
    { status: 'Finished', reason: 'Stopped', exitCode: undefined }
  ],
  [
    'stop beyond the grace period, and the node removed the container before it reported the end',
    { ...requested('stop'), pods: [removed(NOW - 10_000)] },
    { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 }
  ],
  [
    'stop that is recorded only on the Job',
    { jobView: requested('stop').jobView, pods: [trackedPod(podOf(deletion), finished(143, {}, deletion))] },
    { status: 'Finished', reason: 'Stopped', exitCode: 143 }
  ],
  [
    'kill of a running program',
    { ...requested('kill'), pods: [gonePod(podOf(), podOf(deletion))] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'kill of a program that SIGTERM terminates',
    { ...requested('kill'), pods: [gonePod(podOf(deletion), finished(143, {}, deletion))] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'kill of a program that had ended',
    { ...requested('kill'), pods: [gonePod(podOf(), finished(5))] },
    { status: 'Finished', reason: 'Exited', exitCode: 5 }
  ],
  [
    'kill of a job whose pod was never observed',
    { ...requested('kill'), jobView: jobViewOf({ parallelism: 0, active: 0, requestedOperation: 'kill' }), pods: [] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],
  [
    'cancel of a Job without a pod',
    {
      ...requested('cancel'),
      jobView: jobViewOf({ parallelism: 0, active: 0, requestedOperation: 'cancel' }),
      pods: []
    },
    { status: 'Canceled', reason: 'CanceledOnRequest', exitCode: undefined }
  ],
  [
    'cancel of a waiting pod',
    { ...requested('cancel'), pods: [gonePod(idle, podOf({ ...idle, ...deletion }))] },
    { status: 'Canceled', reason: 'CanceledOnRequest' }
  ],
  [
    'cancel of a waiting pod whose node set its phase to Failed',
    { ...requested('cancel'), pods: [trackedPod(idle, podOf({ ...idle, ...deletion, phase: 'Failed' }))] },
    { status: 'Canceled', exitCode: undefined }
  ],
  [
    'cancel of a waiting pod whose node reports an exit code',
    {
      ...requested('cancel'),
      pods: [
        trackedPod(
          idle,
          podOf({
            ...idle,
            ...deletion,
            phase: 'Failed',
            containers: [
              { name: 'content', terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } }
            ]
          })
        )
      ]
    },
    { status: 'Canceled', exitCode: undefined }
  ],
  [
    'cancel while the program starts',
    { ...requested('cancel'), pods: [trackedPod(podOf(), podOf(deletion), finished(143, {}, deletion))] },
    { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 }
  ],

  // It waited too long.
  [
    'an invalid image name',
    {
      job: pendingJob,
      pods: [trackedPod(podOf({ ...idle, containers: [waiting('InvalidImageName', "couldn't parse image")] }))]
    },
    { status: 'Failed', reason: 'InvalidImageName' }
  ],
  [
    'an image that cannot be pulled, after the image pull deadline',
    {
      job: pendingJob,
      now: CREATED + 901_000,
      pods: [trackedPod(podOf({ ...idle, containers: [waiting('ErrImagePull', 'not found')] }))]
    },
    { status: 'Failed', reason: 'ImagePullBackOff', message: /registry\.example\/report:1/ }
  ],
  [
    'a missing secret, after a minute',
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
    'an image that runs as root in a namespace that forbids it',
    {
      job: pendingJob,
      pods: [
        trackedPod(podOf({
          ...idle,
          containers: [
            waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root')
          ]
        }))
      ]
    },
    { status: 'Failed', reason: 'CreateContainerConfigError', message: /set container\.runAsUserId/ }
  ],
  [
    'no node, after the start deadline',
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
    'no pod, after the start deadline',
    { job: pendingJob, deadlines: { imagePullMs: 1, startMs: 30_000 }, pods: [] },
    { status: 'Failed', reason: 'StartTimeout' }
  ]
]
