import t from 'tap'
import { transformEvent, transformJob, transformPod } from '../../../../plugins/kubernetes/cache/transform.ts'

const labels = { 'job-launcher/job': 'id' }
const metadata = {
  uid: 'u',
  name: 'job-id',
  resourceVersion: '7',
  creationTimestamp: '2026-01-31T12:00:00Z',
  labels,
  managedFields: [{ manager: 'x' }]
}
/** Metadata of the Job's pod. */
const podMetadata = {
  ...metadata,
  namespace: 'jobs',
  name: 'job-id-abcde',
  ownerReferences: [
    { kind: 'Node', name: 'job-id', uid: 'n' },
    { kind: 'Job', name: 'job-id', uid: 'j', controller: true }
  ]
}
const NOON = Date.parse('2026-01-31T12:00:00Z')
const named = { uid: 'u', name: 'job-id', resourceVersion: '7', jobId: 'id', createdAt: NOON }
const namedPod = { ...named, namespace: 'jobs', name: 'job-id-abcde', jobUid: 'j' }

t.test('the view of a Job has the counts of its controller and the annotations of the launcher', async t => {
  t.strictSame(
    transformJob({
      metadata: {
        ...metadata,
        deletionTimestamp: '2026-01-31T12:00:09Z',
        annotations: { 'job-launcher/asked': 'stop', 'job-launcher/asked-at': '5' }
      },
      spec: { parallelism: 0, template: {} },
      status: {
        active: 1,
        failed: 2,
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'm',
            lastTransitionTime: '2026-01-31T12:00:01Z'
          }
        ]
      }
    } as never),
    {
      ...named,
      deletedAt: NOON + 9000,
      paused: false,
      requestedOperation: 'stop',
      requestedAt: 5,
      parallelism: 0,
      active: 1,
      succeeded: 0,
      failed: 2,
      conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'm', at: NOON + 1000 }],
      changedBy: 'x'
    }
  )
  t.strictSame(transformJob({ metadata } as never), {
    ...named,
    paused: false,
    parallelism: 1,
    active: 0,
    succeeded: 0,
    failed: 0,
    conditions: [],
    changedBy: 'x'
  })
})

t.test('the view of a Job has its deadline, and the client that changed it last', async t => {
  const managedFields = [
    { manager: 'job-launcher', operation: 'Update', time: '2026-01-31T12:00:00Z' },
    { manager: 'kubectl-edit', operation: 'Update', time: '2026-01-31T12:00:03Z' },
    { manager: 'kubectl-label', operation: 'Update', time: '2026-01-31T12:00:02Z' },
    { manager: 'kube-controller-manager', operation: 'Update', time: '2026-01-31T12:00:05Z', subresource: 'status' },
    { manager: 'kube-controller-manager', operation: 'Update', time: '2026-01-31T12:00:06Z' }
  ]
  t.match(
    transformJob({
      metadata: { ...metadata, managedFields },
      spec: { activeDeadlineSeconds: 8, suspend: true },
      status: { startTime: '2026-01-31T12:00:01Z' }
    } as never),
    { deadline: { activeMs: 8000 }, startedAt: NOON + 1000, suspended: true, changedBy: 'kubectl-edit' }
  )
  const own = { ...metadata, managedFields: [managedFields[0], managedFields[4]] }
  t.equal(transformJob({ metadata: own } as never)?.changedBy, undefined)
})

t.test('the view of a Job and of a Pod has the client that set its deadline, unless it was created so', async t => {
  const sets = (manager: string) => ({ manager, fieldsV1: { 'f:spec': { 'f:activeDeadlineSeconds': {} } } })
  const spec = { activeDeadlineSeconds: 3 }
  for (const [view, metadataOf, creator] of [
    [transformJob, metadata, 'job-launcher'], [transformPod, podMetadata, 'kube-controller-manager']
  ] as const) {
    const deadlineBy = (manager: string) =>
      view({ metadata: { ...metadataOf, managedFields: [sets(manager)] }, spec } as never)?.deadline
    t.strictSame(deadlineBy(creator), { activeMs: 3000 })
    t.strictSame(deadlineBy('kubectl-patch'), { activeMs: 3000, setBy: 'kubectl-patch' })
  }
})

t.test('the view of a Job says whether a rule has failures ignored', async t => {
  for (const [actions, expected] of [[['Count', 'Ignore'], true], [['FailJob'], undefined], [[], undefined]] as const) {
    const spec = { podFailurePolicy: { rules: actions.map(action => ({ action })) } }
    t.equal(transformJob({ metadata, spec } as never)?.ignoresFailures, expected)
  }
})

t.test('the view of a Job has the client that suspended it, and none if that was a webhook', async t => {
  const label = { manager: 'kubectl-label', fieldsV1: { 'f:metadata': {} } }
  const suspendedBy = (...managedFields: object[]) =>
    transformJob({ metadata: { ...metadata, managedFields }, spec: { suspend: true } } as never)?.suspendedBy
  const suspends = (manager: string) => ({ manager, fieldsV1: { 'f:spec': { 'f:suspend': {} } } })
  t.equal(suspendedBy({ manager: 'job-launcher', fieldsV1: { 'f:spec': {} } }, suspends('kueue'), label), 'kueue')
  t.equal(suspendedBy(suspends('job-launcher'), label), undefined)
})

t.test('the view of a Pod has the client that created it, and another that changed it', async t => {
  const created = { manager: 'kube-controller-manager', fieldsV1: { 'f:metadata': {}, 'f:spec': {} } }
  const views = [
    [created, { manager: 'kubelet', subresource: 'status', fieldsV1: { 'f:status': {} } }],
    [created, { manager: 'kubectl-edit', fieldsV1: { 'f:metadata': {} } }],
    [{ manager: 'kubectl-create', fieldsV1: { 'f:spec': {} } }, { ...created, fieldsV1: { 'f:metadata': {} } }]
  ].map(managedFields => transformPod({ metadata: { ...podMetadata, managedFields } } as never)!)
  t.strictSame(views.map(({ createdBy, changedBy }) => [createdBy, changedBy]), [
    ['kube-controller-manager', undefined],
    ['kube-controller-manager', 'kubectl-edit'],
    ['kubectl-create', undefined]
  ])
})

t.test('the view of a Pod has its phase, its node and addresses, and the states of its containers', async t => {
  t.strictSame(
    transformPod({
      metadata: { ...podMetadata, deletionGracePeriodSeconds: 0 },
      spec: { nodeName: 'node-a', containers: [] },
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'm',
        podIP: '10.88.0.2',
        hostIP: '10.0.0.1',
        startTime: '2026-01-31T12:00:01Z',
        conditions: [{ type: 'PodScheduled', status: 'True' }],
        initContainerStatuses: [{ name: 'init', restartCount: 1, state: { waiting: { reason: 'PodInitializing' } } }],
        containerStatuses: [
          {
            name: 'content',
            restartCount: 0,
            state: {
              terminated: {
                exitCode: 137,
                signal: 9,
                reason: 'OOMKilled',
                startedAt: '2026-01-31T12:00:02Z',
                finishedAt: null
              }
            }
          },
          { name: 'sidecar', state: { running: { startedAt: '2026-01-31T12:00:03Z' } } },
          { name: 'unknown' }
        ]
      }
    } as never),
    {
      ...namedPod,
      deletionGraceMs: 0,
      phase: 'Failed',
      reason: 'Evicted',
      message: 'm',
      node: 'node-a',
      address: '10.88.0.2',
      hostAddress: '10.0.0.1',
      startedAt: NOON + 1000,
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      initContainers: [{ name: 'init', waiting: { reason: 'PodInitializing' } }],
      containers: [
        {
          name: 'content',
          terminated: { exitCode: 137, signal: 9, reason: 'OOMKilled', startedAt: NOON + 2000 }
        },
        { name: 'sidecar', running: { startedAt: NOON + 3000 } },
        { name: 'unknown' }
      ]
    }
  )
  t.strictSame(transformPod({ metadata: podMetadata } as never), {
    ...namedPod,
    phase: 'Unknown',
    conditions: [],
    initContainers: [],
    containers: []
  })
  t.equal(transformPod({ metadata: podMetadata, status: { phase: 'Dancing' } } as never)?.phase, 'Unknown')
})

t.test('the view of a Pod has the names of its scheduling gates, if it has any', async t => {
  const gatesOf = (spec: object) => transformPod({ metadata: podMetadata, spec } as never)?.schedulingGates
  t.strictSame(gatesOf({ schedulingGates: [{ name: 'a/b' }, { name: 'c' }] }), ['a/b', 'c'])
  t.equal(gatesOf({ schedulingGates: [] }), undefined)
  t.equal(gatesOf({}), undefined)
})

t.test('the view of a Job has the names of the scheduling gates of its template, if it has any', async t => {
  const gatesOf = (spec: object) => transformJob({ metadata, spec: { template: { spec } } } as never)?.templateGates
  t.strictSame(gatesOf({ schedulingGates: [{ name: 'a/b' }] }), ['a/b'])
  t.equal(gatesOf({}), undefined)
})

t.test('the view of a Pod has the names of its image pull secrets, if it has any', async t => {
  const secretsOf = (spec: object) => transformPod({ metadata: podMetadata, spec } as never)?.pullSecrets
  t.strictSame(secretsOf({ imagePullSecrets: [{ name: 'a' }, {}, { name: 'b' }] }), ['a', 'b'])
  t.equal(secretsOf({ imagePullSecrets: [{}] }), undefined)
})

t.test('the view of a Pod has the names of the claims of its volumes, if it has any', async t => {
  const claimsOf = (...volumes: object[]) =>
    transformPod({ metadata: podMetadata, spec: { volumes } } as never)?.claims
  const mounted = { name: 'a', persistentVolumeClaim: { claimName: 'data' } }
  t.strictSame(claimsOf(mounted, { name: 'b', emptyDir: {} }, { name: 'c', ephemeral: {} }), ['data', 'job-id-abcde-c'])
  t.equal(claimsOf({ name: 'b', emptyDir: {} }), undefined)
})

t.test('the view of a Pod marks an init container that restarts always as a sidecar', async t => {
  const view = transformPod({
    metadata: podMetadata,
    spec: {
      initContainers: [{ name: 'a', restartPolicy: 'Always' }, { name: 'b' }, { name: 'c', restartPolicy: 'Always' }]
    },
    status: {
      initContainerStatuses: [
        { name: 'a', started: true },
        { name: 'b', started: false },
        { name: 'c', state: { waiting: {} }, lastState: { terminated: { exitCode: 3, message: 'no' } } }
      ]
    }
  } as never)
  t.strictSame(view?.initContainers, [
    { name: 'a', sidecar: { started: true } },
    { name: 'b' },
    { name: 'c', waiting: {}, sidecar: { started: false, lastExitCode: 3, lastMessage: 'no' } }
  ])
})

t.test('a Job or a Pod that does not belong to a launcher is undefined', async t => {
  for (const object of [
    {},
    { metadata: {} },
    { metadata: { ...metadata, labels: {} } },
    { metadata: { ...metadata, uid: undefined } },
    { metadata: { ...metadata, name: 'copy' } }
  ]) {
    t.equal(transformJob(object as never), undefined)
    t.equal(transformPod(object as never), undefined)
  }
})

t.test('a pod with the labels of a job that its Job does not control is undefined', async t => {
  const [, owner] = podMetadata.ownerReferences
  for (const ownerReferences of [
    undefined,
    [],
    [{ ...owner, controller: false }],
    [{ ...owner, kind: 'ReplicaSet' }],
    [{ ...owner, name: 'job-other' }]
  ]) t.equal(transformPod({ metadata: { ...podMetadata, ownerReferences } } as never), undefined)
})

t.test('a pod that the deletion of its Job left is still the pod of its job, and a copy of it is not', async t => {
  const viewOf = (manager: string, labels: object) => {
    const managedFields = [{ manager, fieldsV1: { 'f:spec': {} } }]
    return transformPod({
      metadata: { ...podMetadata, ownerReferences: [], managedFields, labels: { ...metadata.labels, ...labels } }
    } as never)
  }
  const ofJob = { 'batch.kubernetes.io/controller-uid': 'j' }
  t.match(viewOf('kube-controller-manager', ofJob), { jobUid: 'j', name: 'job-id-abcde' })
  t.equal(viewOf('kubectl-create', ofJob), undefined)
  t.equal(viewOf('kube-controller-manager', {}), undefined)
})

t.test('the view of an Event has its reason and its message', async t => {
  t.strictSame(transformEvent({ reason: 'FailedMount', message: 'm', metadata: {}, involvedObject: {} } as never), {
    reason: 'FailedMount',
    message: 'm'
  })
  t.strictSame(transformEvent({} as never), { reason: '', message: '' })
  for (const list of ['containers', 'initContainers']) {
    const involvedObject = { fieldPath: `spec.${list}{content}` }
    t.match(transformEvent({ involvedObject } as never), { container: 'content' })
  }
  t.notOk('container' in transformEvent({ involvedObject: { fieldPath: 'spec' } } as never))
})
