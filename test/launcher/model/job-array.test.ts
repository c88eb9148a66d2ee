import fc from 'fast-check'
import t from 'tap'
import { arrayVariables, readJobArray } from '../../../launcher/model/job-array.ts'

t.test('a program learns its array, its index from 0 and the number of jobs from variables', async t => {
  t.strictSame(arrayVariables({ id: 'a', index: 0, count: 5 }), [
    ['JOB_ARRAY_ID', 'a'], ['JOB_ARRAY_INDEX', '0'], ['JOB_ARRAY_COUNT', '5']
  ])
  t.strictSame(arrayVariables(undefined), [])
})

t.test('what a record has of an array is read back, and nothing of another shape', async t => {
  const recorded = { id: 'a', index: 0, count: 5 }
  t.strictSame(readJobArray({ ...recorded, more: 1 }), recorded)
  for (const other of [undefined, null, 'a', [], {}, { ...recorded, index: '1' }, { ...recorded, count: 1.5 }]) {
    t.equal(readJobArray(other), undefined, JSON.stringify(other))
  }
  fc.assert(fc.property(fc.jsonValue(), value => { readJobArray(value) }))
})
