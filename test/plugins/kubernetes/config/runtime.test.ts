import t from 'tap'
import { runtimeOf, type RuntimeKeys } from '../../../../plugins/kubernetes/config/runtime.ts'
import { broken, keptRules } from '../../../fixtures/key-rules.ts'

const keys = (changes: Partial<RuntimeKeys> = {}): RuntimeKeys => ({
  'runtime-init-image': 'r',
  'host-version': '2',
  'runtime-mount-path': '/opt/runtime',
  ...changes
})
const brokenBy = (changes: Partial<RuntimeKeys>) => broken(rules => runtimeOf(keys(changes), rules))

t.test('without an image a job gets no runtime components, and their folder is not judged', async t => {
  t.equal(runtimeOf({ 'host-version': '2', 'runtime-mount-path': '/run/job-launcher' }, keptRules), undefined)
})

t.test("the image is that of the host's version", async t => {
  t.strictSame(runtimeOf(keys(), keptRules), { image: 'r:2', mountPath: '/opt/runtime' })
})

t.test('a broken rule is reported at its key', async t => {
  t.match(brokenBy({ 'runtime-init-image': 'r:1' }), [
    /^runtime-init-image has the tag 1, and the host has the version 2 \(host-version\)/
  ])
  t.strictSame(brokenBy({ 'runtime-init-image': 'R' }), [
    'runtime-init-image is not the name of an image, such as registry.example/host/runtime:1.2: "R"'
  ])
  for (const path of ['/run', '/run/job-launcher', '/run/job-launcher/x']) {
    t.match(
      brokenBy({ 'runtime-mount-path': path }),
      [/^runtime-mount-path .* reserved for the launcher's own files/],
      path
    )
  }
})
