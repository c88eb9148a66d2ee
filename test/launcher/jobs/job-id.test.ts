import t from 'tap'
import { Value } from 'typebox/value'
import { JobId } from '../../../launcher/model/job.ts'
import { createIdGenerator } from '../../../launcher/jobs/job-id.ts'

t.test('ids are valid, never repeat, and sort in the order of their creation', async t => {
  const newId = createIdGenerator()
  const ids = Array.from({ length: 20_000 }, () => newId())
  t.ok(ids.every(id => Value.Check(JobId, id)))
  t.equal([...ids].sort().join(), ids.join())
  t.equal(new Set(ids).size, ids.length)
})

t.test('within one millisecond each id is greater than the one before', async t => {
  const newId = createIdGenerator(() => 1_700_000_000_000)
  const ids = Array.from({ length: 5000 }, () => newId())
  t.equal([...ids].sort().join(), ids.join())
  t.equal(new Set(ids).size, ids.length)
  t.equal(new Set(ids.map(id => id.slice(0, 10))).size, 1, 'they share the time')
})

t.test('a clock set back does not make smaller ids', async t => {
  const times = [1000, 900, 100, 1000, 1001]
  const newId = createIdGenerator(() => times.shift()!)
  const ids = Array.from({ length: 5 }, () => newId())
  t.equal([...ids].sort().join(), ids.join())
  t.equal(ids[0]!.slice(0, 10), ids[3]!.slice(0, 10), 'the time stands still until the clock has caught up')
  t.not(ids[4]!.slice(0, 10), ids[0]!.slice(0, 10))
})

t.test('the first ten characters hold the time', async t => {
  t.equal(createIdGenerator(() => 0)().slice(0, 10), '0000000000')
  t.equal(createIdGenerator(() => 32)().slice(0, 10), '0000000010')
  t.ok(createIdGenerator(() => 1_000)() < createIdGenerator(() => 1_001)(), 'ids of two launchers sort by time too')
})

t.test('ids of two launchers created in the same millisecond differ', async t => {
  const ids = Array.from({ length: 100 }, () => createIdGenerator(() => 7)())
  t.equal(new Set(ids).size, 100)
})
