import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { waitingForPod, waitingOf } from '../../../../plugins/kubernetes/state/pending-reason.ts'
import type { ContainerView, EventView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import { CREATED, podOf, running, STARTED, terminated, trackedPod, waiting } from '../sample-views.ts'

const REMEDY = ' The operator creates it in the namespace jobs, or corrects its name in the base Job or the ' +
  'override; or the user corrects it in the job.'
const submission: JobSubmission = {
  name: 'x',
  command: 'true',
  container: { image: 'registry.example/report:1' },
  dataMounts: [{ path: 'apps/12', mountPath: '/app', waitForFiles: ['app.R'] }]
}
const idle = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })
const { node: _node, ...unscheduled } = podOf({ ...idle, conditions: [] })
const readyToStart = (status: string) => ({ type: 'PodReadyToStartContainers', status })
const unready = podOf({ ...idle, conditions: [readyToStart('False')] })
const pulling = (answer: string): PodView => podOf({ ...idle, containers: [waiting('ErrImagePull', answer)] })
const refused = (reason: string, message: string): PodView => podOf({ ...idle, containers: [waiting(reason, message)] })

const ended = { started: false, lastExitCode: 3, lastMessage: 'no config' }
const beside = (container: Partial<ContainerView>, started = false): PodView =>
  podOf({ ...idle, initContainers: [{ ...container, name: 'proxy', sidecar: { started } }] })

type Row = [view: PodView, sentence: string, reason?: string | undefined, events?: EventView[]]
/** One row per sentence: the view, and the message for the user. */
const sentences: Row[] = [
  [unscheduled, 'The cluster is looking for a node.'],
  [
    {
      ...unscheduled,
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulerError', message: 'oops' }]
    },
    'The cluster is looking for a node (Kubernetes: oops).'
  ],
  [
    {
      ...unscheduled,
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/2 nodes are available: 2 Insufficient cpu.'
        }
      ]
    },
    'No node has enough CPU free; the job starts when one has ' +
      '(Kubernetes: 0/2 nodes are available: 2 Insufficient cpu).',
    'Unschedulable'
  ],
  [idle, 'The node node-a is preparing the container.'],
  [
    idle,
    'The node node-a is pulling the image.',
    undefined,
    [
      { reason: 'Scheduled', message: '' },
      { reason: 'Pulling', message: 'Pulling image "x"' }
    ]
  ],
  [
    idle,
    'The node node-a is preparing the container.',
    undefined,
    [
      { reason: 'Pulling', message: '' },
      { reason: 'Pulled', message: '' }
    ]
  ],
  [unready, 'The node node-a is preparing the storage and the network of the job.'],
  [
    unready,
    'The node node-a cannot prepare the container yet (the node: no address is free).',
    undefined,
    [{ reason: 'FailedCreatePodSandBox', message: 'no address is free' }]
  ],
  [
    podOf({ ...idle, conditions: [readyToStart('True')] }),
    'The node node-a is pulling the image.',
    undefined,
    [
      { reason: 'FailedCreatePodSandBox', message: 'no address is free' },
      { reason: 'Pulling', message: '' }
    ]
  ],
  ...[
    "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    'failed to set MOUNT_ATTR_IDMAP on /var/lib: invalid argument'
  ].map((words): Row => [
    unready,
    'The node node-a cannot run the job in a user namespace, which hostUsers: false requests; the operator updates ' +
      `the container runtime of the node, or removes hostUsers from the pods of jobs (the node: ${words}).`,
    'CreateContainerConfigError',
    [{ reason: 'FailedCreatePodSandBox', message: words }]
  ]),
  [
    podOf({ ...idle, initContainers: [{ ...running, name: 'fetch' }] }),
    `The job is being prepared: its step fetch runs since ${new Date(STARTED).toISOString()}.`
  ],
  [beside(running), 'The job waits until its sidecar proxy has started.'],
  [
    beside(waiting('CrashLoopBackOff', 'back-off 10s')),
    'The job waits until its sidecar proxy has started (the node: CrashLoopBackOff).'
  ],
  [
    podOf({ ...idle, initContainers: [{ ...terminated(3), name: 'proxy', sidecar: ended }] }),
    'The job waits until its sidecar proxy has started; it last ended with exit code 3 (its end: no config).',
    'SidecarFailed'
  ],
  [beside(running, true), 'The node node-a is preparing the container.'],
  [beside(waiting('PodInitializing')), 'The node node-a is preparing the container.'],
  [
    beside(waiting('ErrImageNeverPull', 'Container image "proxy:1" is not present')),
    'The image proxy:1 of the sidecar proxy cannot be pulled: the cluster will retry (the registry: Container image ' +
      '"proxy:1" is not present).',
    'ImagePullBackOff'
  ],
  [
    beside(waiting('InvalidImageName', 'invalid reference format')),
    'The name of the image of the sidecar proxy is not valid (the node: invalid reference format).',
    'InvalidImageName'
  ],
  [
    beside(waiting('CreateContainerError', 'out of luck')),
    'The sidecar proxy cannot be created (the node: out of luck).',
    'CreateContainerConfigError'
  ],
  [
    podOf({ ...idle, initContainers: [{ ...running, name: 'wait-for-files' }] }),
    'The job waits for this file to appear in its data: /app/app.R.',
    'DataNotReady'
  ],
  [
    podOf({ ...idle, initContainers: [{ ...running, name: 'fetch' }] }),
    `The job is being prepared: its step fetch runs since ${new Date(STARTED).toISOString()}.`,
    undefined,
    [{ reason: 'FailedMount', message: 'timed out' }]
  ],
  [
    idle,
    'The node node-a cannot prepare the container yet (the node: no address left).',
    undefined,
    [{ reason: 'FailedCreatePodSandBox', message: 'no address left' }]
  ],

  [
    pulling(
      'rpc error: code = NotFound desc = failed to pull and unpack image "registry.example/report:1": failed to ' +
      'resolve reference "registry.example/report:1": registry.example/report:1: not found'
    ),
    'The image registry.example/report:1 cannot be pulled: it does not exist in the registry (the registry: failed ' +
    'to resolve reference "registry.example/report:1": registry.example/report:1: not found).',
    'ImagePullBackOff'
  ],
  [
    pulling('401 Unauthorized'),
    'The image registry.example/report:1 cannot be pulled: the registry denies access to it (the registry: 401 ' +
    'Unauthorized).',
    'ImagePullBackOff'
  ],
  [
    pulling('pull access denied, repository does not exist or may require authorization'),
    'The image registry.example/report:1 cannot be pulled: the registry denies access to it (the registry: pull ' +
    'access denied, repository does not exist or may require authorization).',
    'ImagePullBackOff'
  ],
  [
    pulling('dial tcp: lookup registry.example: no such host'),
    'The image registry.example/report:1 cannot be pulled: the registry does not answer (the registry: dial tcp: ' +
    'lookup registry.example: no such host).',
    'ImagePullBackOff'
  ],
  [
    pulling('429 Too Many Requests'),
    'The image registry.example/report:1 cannot be pulled: the registry currently allows no more pulls (the ' +
    'registry: 429 ' +
    'Too Many Requests).',
    'ImagePullBackOff'
  ],
  [
    pulling('failed to pull image "mirror.example/registry.example/report:1": no such host'),
    'The image registry.example/report:1 cannot be pulled: the registry does not answer (the registry: no such host).',
    'ImagePullBackOff'
  ],
  [
    refused('ImagePullBackOff', 'Back-off pulling image "other:2"'),
    'The image other:2 cannot be pulled: the cluster will retry (the registry: Back-off pulling image "other:2").',
    'ImagePullBackOff'
  ],
  [
    refused('InvalidImageName', 'Failed to apply default image tag'),
    'The name of the image registry.example/report:1 is not valid (the node: Failed to apply default image tag).',
    'InvalidImageName'
  ],

  [
    refused('CreateContainerConfigError', 'secret "db" not found'),
    'The job needs the secret db, which does not exist (the node: secret "db" not found).' + REMEDY,
    'CreateContainerConfigError'
  ],
  [
    refused('CreateContainerConfigError', 'configmap "conf" not found'),
    'The job needs the config map conf, which does not exist (the node: configmap "conf" not found).' + REMEDY,
    'CreateContainerConfigError'
  ],
  [
    refused('CreateContainerConfigError', "couldn't find key password in Secret jobs/db"),
    "The job needs the key password of the secret db, which has no such key (the node: couldn't find key " +
    'password in Secret jobs/db).' + REMEDY,
    'CreateContainerConfigError'
  ],
  [
    refused('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
    'The cluster does not allow the image to run as root; set container.runAsUserId (the node: container has ' +
    'runAsNonRoot and image will run as root).',
    'CreateContainerConfigError'
  ],
  [
    refused(
      'CreateContainerConfigError', 'container has runAsNonRoot and image has non-numeric user (app), cannot verify'
    ),
    'The cluster does not allow root, and the image names its user without a number; set container.runAsUserId (the ' +
    'node: container has runAsNonRoot and image has non-numeric user (app), cannot verify).',
    'CreateContainerConfigError'
  ],
  ...['prepare subPath', 'create subPath directory'].map((what): Row => {
    const words = `failed to ${what} for volumeMount "host-data" of container "content"`
    const problem = 'A folder that the job mounts cannot be used: it cannot be created, or a link leads out of its '
    const message = `${problem}volume (the node: ${words}).`
    return [refused('CreateContainerConfigError', words), message, 'CreateContainerConfigError']
  }),
  [
    refused('CreateContainerError', 'failed to generate container "x" spec: failed to mkdir "": mkdir : no such file'),
    'The node node-a cannot mount the image with the runtime components of the host; the operator sets ' +
    'runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or updates the container runtime of the ' +
    'node (the node: failed to generate container "x" spec: failed to mkdir "": mkdir : no such file).',
    'ImageVolumeNotSupported'
  ],
  [
    refused('CreateContainerError', 'mount.HostPath is empty'),
    'The node node-a cannot mount the image with the runtime components of the host; the operator sets ' +
    'runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or updates the container runtime of the ' +
    'node (the node: mount.HostPath is empty).',
    'ImageVolumeNotSupported'
  ],
  [
    idle,
    'The node node-a cannot mount the image with the runtime components of the host; the operator sets ' +
    'runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or updates the container runtime of the ' +
    'node (the node: failed to get Plugin from volumeSpec for volume "rsc-volume" err=no volume plugin matched).',
    'ImageVolumeNotSupported',
    [{
      reason: 'FailedMount',
      message: 'failed to get Plugin from volumeSpec for volume "rsc-volume" err=no volume plugin matched'
    }]
  ],
  [
    refused('CreateContainerError', 'ImageVolumeMountFailed: failed to ensure image subpath "opt/r" in "/x"'),
    'The runtime image has no folder /opt/r; the operator sets another runtime-image-path ' +
    '(Launcher.RuntimeImagePath) (the node: ImageVolumeMountFailed: failed to ensure image subpath "opt/r" in "/x").',
    'CreateContainerConfigError'
  ],
  [
    refused('CreateContainerError', 'context deadline exceeded'),
    'The container of the job cannot be created (the node: context deadline exceeded).',
    'CreateContainerConfigError'
  ],

  [
    idle,
    'The job mounts the config map conf, which does not exist (the node: MountVolume.SetUp failed for volume ' +
    '"mount-0" : configmap "conf" not found).' + REMEDY,
    'VolumeNotReady',
    [{ reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "mount-0" : configmap "conf" not found' }]
  ],
  [
    idle,
    'Storage that the job mounts is not ready (the node: timed out).',
    'VolumeNotReady',
    [{ reason: 'FailedAttachVolume', message: 'timed out' }]
  ]
]

t.test('a waiting pod is explained in one sentence', async t => {
  for (const [view, sentence, reason, events = []] of sentences) {
    const { message, reason: code } = waitingOf(trackedPod(view), submission, events)
    t.equal(message, sentence)
    t.equal(code, reason, sentence)
  }
})

t.test('a container that would run as root ends the job at once, unless it is a sidecar', async t => {
  const rejected = (name: string) => ({
    ...waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'), name
  })
  const check = (view: Partial<PodView>) => waitingOf(trackedPod(podOf({ ...idle, ...view })), submission, [])
  t.match(check({ containers: [rejected('content')] }), { deadline: 'never', message: /allow the image to run/ })
  t.match(check({ initContainers: [rejected('runtime-init')] }), {
    deadline: 'never', message: /allow the runtime image to run/
  })
  t.match(check({ containers: [rejected('proxy')] }), {
    deadline: 'configuration', message: /allow the image of proxy to run/
  })
})

t.test('a Job without a pod is explained in one sentence', async t => {
  const failed = (message: string) =>
    waitingForPod([
      { reason: 'SuccessfulCreate', message: '' },
      { reason: 'FailedCreate', message }
    ], 'jobs')
  t.strictSame(waitingForPod(undefined, 'jobs'), { message: 'The cluster is about to create the pod of the job.' })
  t.match(waitingForPod([], 'jobs'), { message: /^The cluster has not created the pod .* yet, and does not say/ })
  t.strictSame(
    failed(
      'Error creating: pods "job-x" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=1, limited: cpu=1'
    ),
    {
      reason: 'QuotaExceeded',
      message:
        'The namespace jobs has used up its quota (small); the job starts when others have ended (Kubernetes: ' +
        'exceeded quota: small, requested: cpu=1, used: cpu=1, limited: cpu=1).'
    }
  )
  t.strictSame(
    failed(
      '(combined from similar events): Error creating: pods "job-x" is forbidden: ValidatingAdmissionPolicy ' +
      "'team' with binding 'all' denied request: every pod needs a team"
    ),
    {
      reason: 'RefusedByCluster',
      message:
        'The cluster refuses the pod of the job for now: the policy team forbids it (Kubernetes: ' +
        "ValidatingAdmissionPolicy 'team' with binding 'all' denied request: every pod needs a team)."
    }
  )
  const invalid = 'spec.containers[0].resources.requests: no'
  t.strictSame(failed(`Error creating: Pod "job-x" is invalid: ${invalid}`), {
    reason: 'RefusedByCluster',
    message: `The cluster refuses the pod of the job: its fields are not valid (Kubernetes: ${invalid}).`,
    deadline: 'never'
  })
  t.strictSame(failed('Error creating: pods "job-x" is forbidden: no PriorityClass with name very-high was found'), {
    reason: 'RefusedByCluster',
    message:
      'The cluster refuses the pod of the job for now: no PriorityClass named very-high exists (Kubernetes: no ' +
      'PriorityClass with name very-high was found).'
  })
  t.match(failed('Error creating: pods "job-x" is forbidden: unable to create new content in namespace jobs because ' +
    'it is being terminated'), {
    reason: 'NamespaceNotFound',
    message: /^The namespace jobs is being deleted; the operator must create it again \(Kubernetes: .*terminated\)\.$/
  })
  t.strictSame(failed('serviceaccount "nobody" not found'), {
    message: 'The cluster cannot create the pod of the job yet (Kubernetes: serviceaccount "nobody" not found).'
  })
})

t.test('the answer of the registry is reported also during ImagePullBackOff', async t => {
  const pod = trackedPod(
    pulling('401 Unauthorized'),
    refused('ImagePullBackOff', 'Back-off pulling image "registry.example/report:1"')
  )
  t.match(waitingOf(pod, submission, []).message, /401 Unauthorized/)
})

t.test('an init container whose image cannot be pulled is reported like the program', async t => {
  const view = podOf({
    ...idle,
    initContainers: [
      {
        name: 'fetch',
        waiting: { reason: 'ErrImagePull', message: 'failed to pull image "tool:1": not found' }
      }
    ]
  })
  t.match(waitingOf(trackedPod(view), submission, []), {
    reason: 'ImagePullBackOff',
    deadline: 'image pull',
    message: /^The image tool:1 cannot be pulled/
  })
})

t.test('a problem that may end by itself has no deadline of its own', async t => {
  t.equal(waitingOf(trackedPod(refused('InvalidImageName', '')), submission, []).deadline, 'never')
  t.equal(waitingOf(trackedPod(refused('CreateContainerError', '')), submission, []).deadline, 'configuration')
  t.equal(waitingOf(trackedPod(idle), submission, [{ reason: 'FailedMount', message: '' }]).deadline, undefined)
  t.equal(waitingOf(trackedPod({ ...unscheduled, createdAt: CREATED }), submission, []).deadline, undefined)
})

t.test('a node that cannot mount the runtime image ends the job at once', async t => {
  const message = 'failed to mkdir "": mkdir : no such file'
  t.equal(waitingOf(trackedPod(refused('CreateContainerError', message)), submission, []).deadline, 'never')
})
