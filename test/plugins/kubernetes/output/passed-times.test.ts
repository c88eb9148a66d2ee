import t from 'tap'
import { createPassedTimes } from '../../../../plugins/kubernetes/output/passed-times.ts'

const at = (nanoseconds: number): string => `2026-01-31T12:34:56.${String(nanoseconds).padStart(9, '0')}Z`

function add (passed: ReturnType<typeof createPassedTimes>, time: string): void {
  const bytes = Buffer.from(`..${time} text`)
  passed.add(bytes, 2, 2 + time.length)
}

t.test('a time that was added is found until the mark after the next', async t => {
  const passed = createPassedTimes()
  for (let line = 0; line < 5000; line++) add(passed, at(line))
  t.ok(passed.hasOneOf([at(9999), at(4999)]))
  t.notOk(passed.hasOneOf([at(5000)]))
  t.notOk(passed.hasOneOf([]))
  passed.mark()
  t.ok(passed.hasOneOf([at(0)]))
  add(passed, at(5000))
  t.ok(passed.hasOneOf([at(5000)]))
  passed.mark()
  t.notOk(passed.hasOneOf([at(0)]))
  t.ok(passed.hasOneOf([at(5000)]))
})

t.test('times of different minutes, seconds and fractions are different', async t => {
  const passed = createPassedTimes()
  add(passed, '2026-01-31T12:34:56.5+01:00')
  t.ok(passed.hasOneOf(['2026-01-31T12:34:56.5+01:00']))
  for (const other of ['2026-01-31T12:35:56.5+01:00', '2026-01-31T12:34:57.5+01:00', '2026-01-31T12:34:56.6+01:00']) {
    t.notOk(passed.hasOneOf([other]))
  }
})

t.test('the memory is bounded', async t => {
  const passed = createPassedTimes()
  for (let line = 0; line < 1_100_000; line++) add(passed, at(line))
  t.ok(passed.hasOneOf([at(1_000_000)]))
  t.notOk(passed.hasOneOf([at(1_099_999)]))
})
