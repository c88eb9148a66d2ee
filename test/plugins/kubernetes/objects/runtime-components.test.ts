import t from 'tap'
import { runtimeParts } from '../../../../plugins/kubernetes/objects/runtime-components.ts'

t.test('the init container can write the runtime components, and the container of the job can only read', async t => {
  const { initContainers, volumes, volumeMounts } = runtimeParts({ image: 'r:2', mountPath: '/opt/runtime' }, undefined)
  t.strictSame(initContainers, [{
    name: 'runtime-init',
    image: 'r:2',
    securityContext: { allowPrivilegeEscalation: false },
    volumeMounts: [{ name: 'rsc-volume', mountPath: '/mnt/rstudio-connect-runtime' }]
  }])
  t.strictSame(volumes, [{ name: 'rsc-volume', emptyDir: {} }])
  t.strictSame(volumeMounts, [{ name: 'rsc-volume', mountPath: '/opt/runtime', readOnly: true }])
  t.strictSame(runtimeParts(undefined, undefined), { initContainers: [], volumes: [], volumeMounts: [] })
})
