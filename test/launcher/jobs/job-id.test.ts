import t from 'tap'
import { Value } from 'typebox/value'
import { JobId } from '../../../launcher/model/job.ts'
import { createIdGenerator } from '../../../launcher/jobs/job-id.ts'

const TIME_CHARS = 10
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const randomOf = (id: string): string => id.slice(TIME_CHARS)
const bitsOf = (text: string): string =>
  Array.from(text, char => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('')

t.test('ids are valid, never repeat, and sort in the order of their creation', async t => {
  const newId = createIdGenerator()
  const ids = Array.from({ length: 20_000 }, () => newId())
  t.ok(ids.every(id => Value.Check(JobId, id)))
  t.equal([...ids].sort().join(), ids.join())
  t.equal(new Set(ids).size, ids.length)
})

t.test('within one millisecond ids sort in the order of their creation', async t => {
  const newId = createIdGenerator(() => 1_700_000_000_000)
  const ids = Array.from({ length: 5000 }, () => newId())
  t.equal([...ids].sort().join(), ids.join())
  t.equal(new Set(ids).size, ids.length)
})

t.test('each id has 80 random bits, also within one millisecond', async t => {
  const newId = createIdGenerator(() => 1_700_000_000_000)
  const count = 4000
  const all = Array.from({ length: count }, () => bitsOf(randomOf(newId())))
  t.equal(new Set(all).size, count, 'no random part repeats')
  const ones = Array.from({ length: 80 }, (_, bit) => all.filter(bits => bits[bit] === '1').length)
  const changes = Array.from(
    { length: 80 },
    (_, bit) => all.filter((bits, index) => index > 0 && bits[bit] !== all[index - 1]![bit]).length
  )
  // A fair coin leaves this range, of ten standard deviations, less than once in 10^20 tests.
  const isFair = (found: number): boolean => Math.abs(found - count / 2) < 10 * Math.sqrt(count) / 2
  t.ok(ones.every(isFair), `each bit is set in about half of the ids: ${ones.join(' ')}`)
  t.ok(changes.every(isFair), `each bit changes in about half of the steps: ${changes.join(' ')}`)
})

t.test('a clock set back does not make smaller ids', async t => {
  const times = [1000, 900, 100, 1000, 1001]
  const newId = createIdGenerator(() => times.shift()!)
  const ids = Array.from({ length: 5 }, () => newId())
  t.equal([...ids].sort().join(), ids.join())
  t.equal(ids[4]!.slice(0, TIME_CHARS), createIdGenerator(() => 1001)().slice(0, TIME_CHARS), 'the clock has caught up')
})

t.test('the first ten characters hold the time in 64ths of a millisecond', async t => {
  t.equal(createIdGenerator(() => 0)().slice(0, TIME_CHARS), '0000000000')
  t.equal(createIdGenerator(() => 16)().slice(0, TIME_CHARS), '0000000100')
  t.ok(createIdGenerator(() => 1_000)() < createIdGenerator(() => 1_001)(), 'ids of two launchers sort by time too')
  t.ok(Value.Check(JobId, createIdGenerator(() => Date.parse('2500-01-01'))()), 'and there is room for centuries')
})

t.test('ids sort after those of launchers whose ids held milliseconds', async t => {
  t.ok(createIdGenerator(() => 1_700_000_000_000)() > '01hf7yat00zzzzzzzzzzzzzzzz')
})

t.test('ids of two launchers created in the same millisecond differ', async t => {
  const ids = Array.from({ length: 100 }, () => createIdGenerator(() => 7)())
  t.equal(new Set(ids.map(randomOf)).size, 100)
})
