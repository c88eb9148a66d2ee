import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { checkMounts, mountParts } from '../../../../plugins/kubernetes/objects/mounts.ts'

type Mount = NonNullable<JobSubmission['mounts']>[number]
const mount = (type: string, source: Record<string, unknown>, rest: Partial<Mount> = {}): Mount => ({
  type,
  source,
  mountPath: '/m',
  ...rest
})

const volumes: Array<[mount: Mount, volume: object, volumeMount?: object]> = [
  [mount('host', { path: '/data' }), { hostPath: { path: '/data' } }],
  [mount('host', { path: '/data' }, { readOnly: true }), { hostPath: { path: '/data' } }, { readOnly: true }],
  [
    mount('nfs', { host: 'files', path: '/x' }, { readOnly: true }),
    { nfs: { server: 'files', path: '/x', readOnly: true } },
    { readOnly: true }
  ],
  [
    mount('cephFs', { monitors: ['a:1'], secretRef: 's' }),
    { cephfs: { monitors: ['a:1'], secretRef: { name: 's' }, readOnly: false } }
  ],
  [
    mount('cephFs', { monitors: ['a:1'], path: '/x', user: 'u', secretFile: '/s' }),
    { cephfs: { monitors: ['a:1'], path: '/x', user: 'u', secretFile: '/s', readOnly: false } }
  ],
  [mount('glusterFs', { endpoints: 'e', path: 'v' }), { glusterfs: { endpoints: 'e', path: 'v', readOnly: false } }],
  [
    mount('azureFile', { secretName: 's', shareName: 'h' }),
    { azureFile: { secretName: 's', shareName: 'h', readOnly: false } }
  ],
  [mount('persistentVolumeClaim', { claimName: 'c' }), { persistentVolumeClaim: { claimName: 'c' } }],
  [
    mount('persistentVolumeClaim', { claimName: 'c', subPath: 'a/b' }),
    { persistentVolumeClaim: { claimName: 'c' } },
    { subPath: 'a/b' }
  ],
  [mount('configMap', { name: 'c', subPath: 'x.conf' }), { configMap: { name: 'c' } }, { subPath: 'x.conf' }],
  [mount('secret', { secretName: 's' }), { secret: { secretName: 's' } }],
  [mount('passthrough', { emptyDir: { medium: 'Memory' } }), { emptyDir: { medium: 'Memory' } }]
]

t.test('each type of mount becomes its volume', async t => {
  for (const [given, volume, volumeMount = {}] of volumes) {
    const name = JSON.stringify(given)
    t.doesNotThrow(() => checkMounts([given]), name)
    t.strictSame(
      mountParts([given]),
      {
        initContainers: [],
        volumes: [{ name: 'mount-0', ...volume }],
        volumeMounts: [{ name: 'mount-0', mountPath: '/m', ...volumeMount }]
      },
      name
    )
  }
  t.strictSame(mountParts(), { initContainers: [], volumes: [], volumeMounts: [] })
})

t.test('volumes are named by their index, so any two mounts can be combined', async t => {
  const mounts = [mount('host', { path: '/a' }), mount('host', { path: '/a' }, { mountPath: '/n' })]
  t.doesNotThrow(() => checkMounts(mounts))
  t.strictSame(mountParts(mounts).volumeMounts.map(({ name }) => name), ['mount-0', 'mount-1'])
})

t.test('an invalid mount is refused with its field', async t => {
  const cases: Array<[mounts: Mount[], code: string, field: string, message?: RegExp]> = [
    [[mount('floppy', {})], 'NotSupportedByCluster', 'mounts[0].type', /"floppy"; this cluster supports host, nfs/],
    [[mount('toString', {})], 'NotSupportedByCluster', 'mounts[0].type'],
    [[mount('host', {})], 'InvalidJob', 'mounts[0].source.path', /is missing \(mount of type host\)/],
    [[mount('host', { path: 'data' })], 'InvalidJob', 'mounts[0].source.path', /is not an absolute path/],
    [[mount('host', { path: '/a', typ: 'x' })], 'InvalidJob', 'mounts[0].source.typ', /not a known field/],
    [
      [mount('host', { path: '/a' }), mount('nfs', { path: '/a' }, { mountPath: '/n' })],
      'InvalidJob',
      'mounts[1].source.host',
      /is missing/
    ],
    [[mount('cephFs', { monitors: [] })], 'InvalidJob', 'mounts[0].source.monitors', /fewer than 1/],
    [[mount('cephFs', { monitors: [1] })], 'InvalidJob', 'mounts[0].source.monitors[0]'],
    [
      [mount('persistentVolumeClaim', { claimName: 'c', subPath: '../x' })],
      'InvalidJob',
      'mounts[0].source.subPath',
      /without \.\./
    ],
    [[mount('persistentVolumeClaim', { claimName: 'c', subPath: '/x' })], 'InvalidJob', 'mounts[0].source.subPath'],
    [[mount('secret', { name: 's' })], 'InvalidJob', 'mounts[0].source.secretName', /is missing/],
    [[mount('passthrough', {})], 'InvalidJob', 'mounts[0].source', /one Kubernetes volume source/],
    [[mount('passthrough', { emptyDir: {}, hostPath: {} })], 'InvalidJob', 'mounts[0].source'],
    [[mount('passthrough', { name: {} })], 'InvalidJob', 'mounts[0].source'],
    [[mount('passthrough', { emptyDir: 1 })], 'InvalidJob', 'mounts[0].source']
  ]
  for (const [mounts, code, field, message = /./] of cases) {
    t.throws(() => checkMounts(mounts), { code, details: { field }, message }, `${field} ${code}`)
  }
  t.doesNotThrow(() => checkMounts([mount('persistentVolumeClaim', { claimName: 'c', subPath: 'a..b/..c' })]))
})
