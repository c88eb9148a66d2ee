import t from 'tap'
import {
  runtimeOf,
  runtimeParts,
  runtimeProblems,
  type RuntimeKeys
} from '../../../../plugins/kubernetes/objects/runtime-components.ts'

const keys = (changes: RuntimeKeys = {}): RuntimeKeys => ({
  'runtime-init-image': 'r',
  'host-version': '2',
  'runtime-mount-path': '/opt/runtime',
  ...changes
})

t.test('without an image there are no runtime components', async t => {
  t.equal(runtimeOf({ 'host-version': '2', 'runtime-mount-path': '/opt/runtime' }), undefined)
  t.strictSame(runtimeProblems({ 'host-version': '2', 'runtime-mount-path': '/run/job-launcher' }), [])
})

t.test("the image has the tag of the host's version", async t => {
  t.strictSame(runtimeOf(keys()), { image: 'r:2', mountPath: '/opt/runtime' })
  t.strictSame(runtimeProblems(keys()), [])
})

t.test('problems are reported by their key', async t => {
  t.match(runtimeProblems(keys({ 'runtime-init-image': 'r:1' })), [
    { key: 'runtime-init-image', problem: /has the tag 1, and the host has the version 2 \(host-version\)/ }
  ])
  t.match(runtimeProblems(keys({ 'runtime-init-image': 'R' })), [
    { key: 'runtime-init-image', problem: 'is not the name of an image: "R"' }
  ])
  for (const path of ['/run', '/run/job-launcher', '/run/job-launcher/x']) {
    t.match(
      runtimeProblems(keys({ 'runtime-mount-path': path })),
      [{ key: 'runtime-mount-path', problem: /kept for the launcher's own files/ }],
      path
    )
  }
  t.equal(runtimeOf(keys({ 'runtime-init-image': 'r:1' })), undefined)
})

t.test('the init container copies, and the container of the job reads', async t => {
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
