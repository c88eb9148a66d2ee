import t from 'tap'
import { basesFor } from '../../../../plugins/kubernetes/manifests/bases.ts'
import { traced, plainOf } from '../../../../plugins/kubernetes/manifests/traced-value.ts'

const bases = [{}, { image: 'a:1' }, { image: 'b:1' }, { tag: 'x' }, { tag: 'y' }].map((target, index) => ({
  ...target,
  manifest: traced(index)
}))
const applying = (image: string | undefined, tags?: string[]): unknown[] =>
  basesFor(bases, { image, tags }).map(plainOf)

t.test("the bases of all jobs, of the image and of the job's tags apply, in this order", async t => {
  t.strictSame(applying('a:1', ['y', 'x']), [0, 1, 3, 4])
  t.strictSame(applying('b:1'), [0, 2])
  t.strictSame(applying(undefined, ['y', 'z']), [0, 4])
})
