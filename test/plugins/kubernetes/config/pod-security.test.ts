import t from 'tap'
import { levelOfLabel } from '../../../../plugins/kubernetes/config/pod-security.ts'

t.test('only the label restricted makes pods restricted', async t => {
  for (const value of [undefined, '', 'privileged', 'baseline']) t.equal(levelOfLabel(value), 'baseline')
  t.equal(levelOfLabel('restricted'), 'restricted')
})
