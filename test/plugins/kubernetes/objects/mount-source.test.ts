import t from 'tap'
import { checkMounts } from '../../../../plugins/kubernetes/objects/mounts.ts'
import { checkMountSource } from '../../../../plugins/kubernetes/objects/mount-source.ts'
import { objectName } from '../../../../plugins/kubernetes/metadata/names.ts'
import { newId } from '../../../fixtures/sample-job.ts'

const OF_A_JOB = objectName(newId())

/** Every type of mount, and every source of Kubernetes, that names an object of the namespace. */
const NAMING: ReadonlyArray<[type: string, source: (name: string) => Record<string, unknown>, field: string]> = [
  ['secret', secretName => ({ secretName }), 'secretName'],
  ['configMap', name => ({ name }), 'name'],
  ['azureFile', secretName => ({ secretName, shareName: 's' }), 'secretName'],
  ['cephFs', secretRef => ({ monitors: ['a:1'], secretRef }), 'secretRef'],
  ['glusterFs', endpoints => ({ endpoints, path: 'v' }), 'endpoints'],
  ['persistentVolumeClaim', claimName => ({ claimName }), 'claimName'],
  ['passthrough', secretName => ({ secret: { secretName } }), 'secret.secretName'],
  ['passthrough', name => ({ configMap: { name } }), 'configMap.name'],
  [
    'passthrough',
    name => ({ projected: { sources: [{ downwardAPI: {} }, { secret: { name } }] } }),
    'projected.sources[1].secret.name'
  ],
  [
    'passthrough',
    name => ({ projected: { sources: [{ configMap: { name, items: [] } }] } }),
    'projected.sources[0].configMap.name'
  ],
  ['passthrough', name => ({ csi: { driver: 'd', nodePublishSecretRef: { name } } }), 'csi.nodePublishSecretRef.name'],
  ['passthrough', name => ({ flexVolume: { driver: 'd', secretRef: { name } } }), 'flexVolume.secretRef.name'],
  ['passthrough', name => ({ rbd: { secretRef: { name } } }), 'rbd.secretRef.name'],
  ['passthrough', secretName => ({ azureFile: { secretName } }), 'azureFile.secretName']
]

t.test('a mount of the Secret or the Service of any job is refused, in each type of mount', async t => {
  for (const [type, source, field] of NAMING) {
    const check = (name: string) => () => checkMounts([{ type, mountPath: '/m', source: source(name) }])
    const where = `mounts[0].source.${field}`
    const message = `${where} is ${OF_A_JOB}`
    t.throws(check(OF_A_JOB), { code: 'InvalidJob', details: { field: where }, message }, where)
    t.doesNotThrow(check('job-of-the-operator'), field)
  }
})

t.test('a projected token is refused, and so is every source that Kubernetes adds to projected volumes', async t => {
  for (const source of ['serviceAccountToken', 'podCertificate', 'aSourceOfNextYear']) {
    const field = `s.projected.sources[1].${source}`
    const sources = [{ configMap: { name: 'c' } }, { secret: { name: 's' }, [source]: { path: 'token' } }]
    t.throws(() => checkMountSource('s', { projected: { sources } }), {
      code: 'InvalidJob',
      details: { field },
      message: /cannot be mounted; a job can project secret, configMap, downwardAPI, clusterTrustBundle\. A pod gets/
    })
  }
  const harmless = [{ secret: { name: 's' } }, { configMap: { name: 'c' } }, { downwardAPI: {} }]
  t.doesNotThrow(() => checkMountSource('s', { projected: { sources: harmless } }))
})

t.test('a projected volume of the wrong shape is left to the API server', async t => {
  for (const projected of [{}, { sources: 'x' }, { sources: [null, 1, []] }]) {
    t.doesNotThrow(() => checkMountSource('s', { projected }), JSON.stringify(projected))
  }
})
