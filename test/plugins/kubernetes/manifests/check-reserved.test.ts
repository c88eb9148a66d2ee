import t from 'tap'
import { reservedByOverride, reservedIn } from '../../../../plugins/kubernetes/manifests/check-reserved.ts'
import { RESERVED_FIELDS, reservedFields } from '../../../../plugins/kubernetes/manifests/reserved-fields.ts'
import { traced } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { readPointer } from '../../../../plugins/kubernetes/manifests/json-pointer.ts'
import { jobWith, plainObjects } from '../sample-objects.ts'

const POD = '/spec/template/spec'
const why = (pointer: string, value: unknown): string | undefined =>
  reservedByOverride(readPointer(pointer)!, traced(value), reservedFields('Job', '/opt/runtime'))

t.test('reserved fields of a Job are found, whatever the order of its lists', async t => {
  const { job } = plainObjects(jobWith({ stdin: 'x', exposedPorts: [{ targetPort: 80 }] }))
  const identities = reservedIn(traced(job), RESERVED_FIELDS.Job).map(({ identity }) => identity)
  for (const identity of [
    'metadata.name',
    'metadata.namespace',
    'metadata.labels.job-launcher/job',
    'metadata.annotations.job-launcher/record',
    'spec.parallelism',
    'spec.completions',
    'spec.backoffLimit',
    'spec.ttlSecondsAfterFinished',
    'spec.template.metadata.labels.job-launcher/job',
    'spec.template.spec.restartPolicy',
    'spec.template.spec.terminationGracePeriodSeconds',
    'spec.template.spec.containers[name=content].image',
    'spec.template.spec.containers[name=content].command',
    'spec.template.spec.containers[name=content].env[name=JOB_PORT]',
    'spec.template.spec.containers[name=content].env[name=JOB_LAUNCHER_JOB_ID]',
    'spec.template.spec.containers[name=content].volumeMounts[mountPath=/run/job-launcher]',
    'spec.template.spec.volumes[name=stdin]'
  ]) { t.ok(identities.includes(identity), identity) }
  const containers = job.spec!.template.spec!.containers
  containers.unshift({ name: 'proxy' })
  t.strictSame(reservedIn(traced(job), RESERVED_FIELDS.Job).map(({ identity }) => identity), identities)
})

t.test('an override of a reserved field is refused before any job exists', async t => {
  for (const [pointer, value] of [
    ['/metadata/name', 'x'],
    ['/metadata/labels/job-launcher~1job', 'x'],
    ['/spec/parallelism', 2],
    ['/spec/suspend', true],
    ['/status', {}],
    [`${POD}/restartPolicy`, 'Always'],
    [`${POD}/containers/0/command`, ['x']],
    [`${POD}/containers/0/command/0`, 'x'],
    [`${POD}/containers/0/args/-`, 'x'],
    [`${POD}/containers/0/image`, 'x'],
    [`${POD}/containers/0/name`, 'x'],
    [`${POD}/containers/-`, { name: 'content', image: 'x' }],
    [`${POD}/containers/0/env/-`, { name: 'JOB_PORT', value: '1' }],
    [`${POD}/containers/0/volumeMounts/-`, { name: 'x', mountPath: '/run/job-launcher/x' }],
    [`${POD}/containers/0/volumeMounts/-`, { name: 'x', mountPath: '/run/job-launcher-logs' }],
    [`${POD}/volumes/-`, { name: 'stdin', emptyDir: {} }],
    [`${POD}/volumes/3`, { name: 'rsc-volume', emptyDir: {} }],
    [`${POD}/initContainers/-`, { name: 'runtime-init', image: 'x' }],
    [`${POD}/initContainers/-`, { name: 'wait-for-files', image: 'x' }],
    [`${POD}/volumes/-`, { name: 'host-data', emptyDir: {} }],
    [`${POD}/containers/0/volumeMounts/-`, { name: 'x', mountPath: '/opt/runtime' }],
    [`${POD}/containers/0/volumeMounts/-`, { name: 'x', mountPath: '/opt/runtime/lib/' }]
  ] as const) {
    t.match(why(pointer, value), /reserved for the launcher/, `${pointer} ${JSON.stringify(value)}`)
  }
})

t.test('an override that removes a reserved field is refused', async t => {
  for (const pointer of [
    '',
    '/metadata',
    '/metadata/labels',
    '/metadata/annotations',
    '/spec',
    '/spec/template',
    '/spec/template/metadata',
    POD,
    `${POD}/containers`,
    `${POD}/containers/0`,
    `${POD}/containers/0/env`,
    `${POD}/volumes`,
    `${POD}/initContainers`
  ]) {
    t.match(why(pointer, {}), /removes fields that are reserved for the launcher/, pointer)
  }
})

t.test('an override of any other field is accepted', async t => {
  for (const [pointer, value] of [
    ['/metadata/labels/team', 'x'],
    ['/metadata/annotations/team', 'x'],
    ['/spec/activeDeadlineSeconds', 5],
    [`${POD}/tolerations`, []],
    [`${POD}/tolerations/-`, {}],
    [`${POD}/securityContext`, {}],
    [`${POD}/containers/0/securityContext/runAsNonRoot`, true],
    [`${POD}/containers/-`, { name: 'proxy', image: 'x', command: ['x'] }],
    [`${POD}/containers/1/command`, ['x']],
    [`${POD}/containers/0/env/-`, { name: 'A', value: '1' }],
    [`${POD}/volumes/-`, { name: 'x', emptyDir: {} }],
    [`${POD}/initContainers/-`, { name: 'prepare', image: 'x' }],
    [`${POD}/containers/0/volumeMounts/-`, { name: 'x', mountPath: '/opt/runtime2' }],
    [`${POD}/containers/1/volumeMounts/-`, { name: 'x', mountPath: '/opt/runtime' }]
  ] as const) { t.equal(why(pointer, value), undefined, pointer) }
})
