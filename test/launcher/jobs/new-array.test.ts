import t from 'tap'
import { newArray } from '../../../launcher/jobs/new-array.ts'

t.test('the jobs of an array have their ids in the order of their indexes, and the first id is its own', async t => {
  let last = 0
  t.strictSame(newArray({ user: 'ann' }, 3, () => `id ${++last}`), [
    { id: 'id 1', user: 'ann', array: { id: 'id 1', index: 0, count: 3 } },
    { id: 'id 2', user: 'ann', array: { id: 'id 1', index: 1, count: 3 } },
    { id: 'id 3', user: 'ann', array: { id: 'id 1', index: 2, count: 3 } }
  ])
})
