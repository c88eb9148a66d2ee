import t from 'tap'
import { runtimeParts } from '../../../../plugins/kubernetes/objects/runtime-components.ts'

const runtime = { image: 'r:2', mountPath: '/opt/runtime', delivery: 'auto' } as const

t.test('the init container can write the runtime components, and the container of the job can only read', async t => {
  const { initContainers, volumes, volumeMounts } = runtimeParts(runtime, undefined)
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

t.test('an image volume is the image itself, without an init container', async t => {
  const mounted = { ...runtime, delivery: 'image-volume', imagePath: '/opt/r' } as const
  t.strictSame(runtimeParts(mounted, { limits: { cpu: '1' } }, { podSecurity: 'restricted' }), {
    initContainers: [],
    volumes: [{ name: 'rsc-volume', image: { reference: 'r:2' } }],
    volumeMounts: [{ name: 'rsc-volume', mountPath: '/opt/runtime', readOnly: true, subPath: 'opt/r' }]
  })
  t.strictSame(runtimeParts({ ...mounted, imagePath: '/' }, undefined).volumeMounts, [
    { name: 'rsc-volume', mountPath: '/opt/runtime', readOnly: true }
  ])
})

t.test('auto mounts the image if its path is known and the cluster supports image volumes', async t => {
  const isMounted = (more: object, imageVolumes?: boolean) =>
    runtimeParts({ ...runtime, ...more }, undefined, { ...(imageVolumes !== undefined && { imageVolumes }) })
      .initContainers.length === 0
  t.equal(isMounted({ imagePath: '/opt/r' }, true), true)
  t.equal(isMounted({ imagePath: '/opt/r' }, false), false)
  t.equal(isMounted({ imagePath: '/opt/r' }), false)
  t.equal(isMounted({}, true), false)
  t.equal(isMounted({ imagePath: '/opt/r', delivery: 'init-container' }, true), false)
})
