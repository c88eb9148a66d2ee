import t from 'tap'
import { addressOf } from '../../../../plugins/kubernetes/lifecycle/service-address.ts'

t.test('a headless Service has no address', async t => {
  t.equal(addressOf({ spec: { clusterIP: '10.96.0.3' } }), '10.96.0.3')
  for (const none of [{}, { spec: {} }, { spec: { clusterIP: 'None' } }]) t.equal(addressOf(none), undefined)
})
