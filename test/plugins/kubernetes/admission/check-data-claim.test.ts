import t from 'tap'
import { checkDataClaim } from '../../../../plugins/kubernetes/admission/check-data-claim.ts'

const data = { source: { persistentVolumeClaim: { claimName: 'host-data' } }, subPath: 'site/1', waitSeconds: 1 }
const mount = (type: string, source: Record<string, unknown>) => ({ type, source, mountPath: '/m' })
const claim = (claimName: string) => mount('persistentVolumeClaim', { claimName })

t.test("a mount of the claim with the host's data is refused, also when it is passed through", async t => {
  const mounts = [claim('own'), claim('host-data')]
  t.throws(() => checkDataClaim(mounts, data), {
    code: 'InvalidJob',
    details: { field: 'mounts[1].source.claimName' },
    message: /data-dir-pvc-name\); name the folders that the job needs in dataMounts/
  })
  t.throws(
    () => checkDataClaim([mount('passthrough', { persistentVolumeClaim: { claimName: 'host-data' } })], data),
    { code: 'InvalidJob', details: { field: 'mounts[0].source.persistentVolumeClaim.claimName' } }
  )
})

t.test('other claims, and claims of hosts without data in a claim, can be mounted', async t => {
  t.doesNotThrow(() => checkDataClaim([claim('own'), mount('passthrough', { persistentVolumeClaim: null })], data))
  t.doesNotThrow(() => checkDataClaim([claim('host-data')], { source: { hostPath: { path: '/d' } }, waitSeconds: 1 }))
  t.doesNotThrow(() => checkDataClaim([claim('host-data')], undefined))
  t.doesNotThrow(() => checkDataClaim(undefined, data))
})
