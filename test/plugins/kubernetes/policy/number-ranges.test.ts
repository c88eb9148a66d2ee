import t from 'tap'
import { isInRanges, rangeText, readRange } from '../../../../plugins/kubernetes/policy/number-ranges.ts'

t.test('a range is a number, or two with a hyphen, the smaller first', async t => {
  t.strictSame(readRange('0'), { from: 0, to: 0 })
  t.strictSame(readRange('1000-1999'), { from: 1000, to: 1999 })
  t.strictSame(readRange('7-7'), { from: 7, to: 7 })
  for (const text of ['', '-', '1-', '-1', '2-1', '1-2-3', '1.5', '0x10', '1 - 2', '12345678901', 'none']) {
    t.equal(readRange(text), undefined, text)
  }
})

t.test('a range is shown as it is written', async t => {
  for (const text of ['0', '1000-1999']) t.equal(rangeText(readRange(text)!), text)
})

t.test('both ends of a range belong to it', async t => {
  const ranges = [readRange('10-20')!, readRange('30')!]
  t.strictSame([9, 10, 20, 21, 29, 30, 31].filter(value => isInRanges(value, ranges)), [10, 20, 30])
  t.notOk(isInRanges(1, []))
})
