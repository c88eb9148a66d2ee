import t from 'tap'
import { runtimeOf, type RuntimeKeys } from '../../../../plugins/kubernetes/config/runtime.ts'
import { broken, keptRules } from '../../../fixtures/key-rules.ts'

const keys = (changes: Partial<RuntimeKeys> = {}): RuntimeKeys => ({
  'runtime-init-image': 'r',
  'host-version': '2',
  'runtime-mount-path': '/opt/runtime',
  'runtime-delivery': 'auto',
  ...changes
})
const brokenBy = (changes: Partial<RuntimeKeys>) => broken(rules => runtimeOf(keys(changes), rules))

t.test('without an image a job gets no runtime components, and their folder is not judged', async t => {
  const { 'runtime-init-image': _image, ...others } = keys({ 'runtime-mount-path': '/run/job-launcher' })
  t.equal(runtimeOf(others, keptRules), undefined)
})

t.test("the image is that of the host's version", async t => {
  t.strictSame(runtimeOf(keys(), keptRules), { image: 'r:2', mountPath: '/opt/runtime', delivery: 'auto' })
})

t.test('an image volume needs the path of the components in the image', async t => {
  const imageVolume = { 'runtime-delivery': 'image-volume' } as const
  t.strictSame(brokenBy(imageVolume), [
    'runtime-delivery is image-volume, and runtime-image-path is not set; set it to the folder of the runtime image ' +
    'that has the components (/ is the whole image)'
  ])
  for (const imagePath of ['/', '/opt/r']) {
    t.strictSame(runtimeOf(keys({ ...imageVolume, 'runtime-image-path': imagePath }), keptRules), {
      image: 'r:2', mountPath: '/opt/runtime', delivery: 'image-volume', imagePath
    })
  }
  for (const delivery of ['auto', 'init-container'] as const) {
    t.strictSame(brokenBy({ 'runtime-delivery': delivery }), [])
  }
})

t.test('a broken rule is reported at its key', async t => {
  t.match(brokenBy({ 'runtime-init-image': 'r:1' }), [
    /^runtime-init-image has the tag 1, and the host has the version 2 \(host-version\)/
  ])
  t.strictSame(brokenBy({ 'runtime-init-image': 'R' }), [
    'runtime-init-image is not the name of an image, such as registry.example/host/runtime:1.2: "R"'
  ])
  for (const path of ['/run', '/run/job-launcher', '/run/job-launcher/x', '/run/job-launcher-logs/x']) {
    t.match(
      brokenBy({ 'runtime-mount-path': path }),
      [/^runtime-mount-path .* reserved for the launcher's own files/],
      path
    )
  }
})
