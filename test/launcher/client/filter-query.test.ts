import t from 'tap'
import { filterQuery } from '../../../launcher/client/filter-query.ts'

t.test('statuses are joined, tags repeat', async t => {
  t.match(filterQuery({ status: ['Running', 'Pending'], tag: ['a', 'b'], user: 'ann' }), {
    status: 'Running,Pending',
    tag: ['a', 'b'],
    user: 'ann'
  })
})

t.test('empty lists and no filter add nothing to the query', async t => {
  for (const filter of [undefined, { status: [], tag: [] }]) {
    t.same(Object.values(filterQuery(filter)).filter(value => value !== undefined), [])
  }
})
