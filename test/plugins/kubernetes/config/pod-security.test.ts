import t from 'tap'
import { enforcedBy, levelOfLabel } from '../../../../plugins/kubernetes/config/pod-security.ts'

t.test('only the label restricted makes pods restricted', async t => {
  for (const value of [undefined, '', 'privileged', 'baseline']) t.equal(levelOfLabel(value), 'baseline')
  t.equal(levelOfLabel('restricted'), 'restricted')
})

t.test('the labels baseline and restricted enforce their level', async t => {
  for (const value of [undefined, '', 'privileged']) t.equal(enforcedBy(value), undefined)
  for (const value of ['baseline', 'restricted'] as const) t.equal(enforcedBy(value), value)
})
