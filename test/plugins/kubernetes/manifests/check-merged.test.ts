import t from 'tap'
import { checkMerged } from '../../../../plugins/kubernetes/manifests/check-merged.ts'
import { traced } from '../../../../plugins/kubernetes/manifests/traced-value.ts'

const check = (metadata: object, pod: object): void =>
  checkMerged(traced({ metadata, spec: { template: { spec: pod } } }))

t.test('a Job that Kubernetes would not accept is refused', async t => {
  t.doesNotThrow(() =>
    check({}, { containers: [{ name: 'content', image: 'a' }], initContainers: [{ name: 'b', image: 'b' }] })
  )
  t.throws(() => check({}, { containers: [{ name: 'a' }] }), {
    code: 'InvalidJob',
    message: 'The container a, which the operator adds to the pod, has no image.'
  })
  t.throws(() => check({ annotations: { a: 'x'.repeat(150_000), b: 'x'.repeat(150_000) } }, {}), {
    code: 'InvalidJob',
    message: /300002 bytes of annotations; Kubernetes accepts at most 262144/
  })
  t.throws(() => check({}, { a: 'x'.repeat(1_500_000) }), {
    code: 'InvalidJob',
    message: /^The job has 15\d+ bytes .* Kubernetes stores at most 1400000/
  })
})
