import t from 'tap'
import { filterQuery } from '../../../launcher/client/filter-query.ts'

t.test('tags repeat, other lists are joined', async t => {
  t.match(filterQuery({ status: ['Running', 'Pending'], tag: ['a', 'b'], user: 'ann', array: 'x' }), {
    status: 'Running,Pending',
    array: 'x',
    tag: ['a', 'b'],
    user: 'ann'
  })
  t.match(filterQuery({ outcome: ['failed', 'lost'], reason: ['Lost'], exitCode: [0, 137], name: ['a*', 'b'] }), {
    outcome: 'failed,lost',
    reason: 'Lost',
    exitCode: '0,137',
    name: 'a*,b'
  })
})

t.test('empty lists and no filter add nothing to the query', async t => {
  for (const filter of [undefined, { status: [], outcome: [], reason: [], exitCode: [], name: [], tag: [] }]) {
    t.same(Object.values(filterQuery(filter)).filter(value => value !== undefined), [])
  }
})
