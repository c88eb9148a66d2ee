import t from 'tap'
import {
  autoProblem, imageVolumeProblem, sentence
} from '../../../../plugins/kubernetes/lifecycle/image-volume-problem.ts'

const REMEDY = 'set runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or use a cluster that ' +
  'supports them.'

t.test('auto needs a server and nodes that are known to support image volumes', async t => {
  t.equal(autoProblem({ nodes: { state: 'all' } }), undefined)
  t.match(autoProblem(undefined), /not known yet/)
  t.equal(autoProblem({ serverProblem: 'It is old' }), 'It is old')
  t.match(autoProblem({}), /no right to list the nodes/)
  for (const state of ['none', 'unsure'] as const) t.equal(autoProblem({ nodes: { state, why: 'old' } }), 'old')
})

t.test('an image volume that is set is a problem only if no job can have one', async t => {
  for (const support of [
    undefined, {}, { nodes: { state: 'all' } }, { nodes: { state: 'unsure', why: 'some' } }
  ] as const) t.equal(imageVolumeProblem(support), undefined)
  for (const support of [{ serverProblem: 'all are old' }, { nodes: { state: 'none', why: 'all are old' } }] as const) {
    t.equal(
      imageVolumeProblem(support),
      'The runtime components cannot be delivered in an image volume (runtime-delivery = image-volume). All are ' +
      `old; ${REMEDY}`
    )
  }
})

t.test('a sentence begins with a capital letter', async t => {
  t.equal(sentence('no node'), 'No node')
})
