import fc from 'fast-check'
import t from 'tap'
import { createRecentTimes, type RecentTimes } from '../../../../plugins/kubernetes/output/recent-times.ts'

const add = (times: RecentTimes, time: string): void => {
  times.add(Buffer.from(`..${time} text`), 2, 2 + time.length)
}
const isLast = (times: RecentTimes, time: string): boolean =>
  times.isLast(Buffer.from(`...${time}`), 3, 3 + time.length)

t.test('a new list has no time', async t => {
  const times = createRecentTimes()
  t.strictSame([times.oldest(), times.newest(), times.all(), isLast(times, '')], [undefined, undefined, [], false])
})

t.test('consecutive lines with the same time are counted', async t => {
  const times = createRecentTimes([['a', 2]])
  for (const time of ['a', 'b', 'b', 'a', 'ab']) add(times, time)
  t.strictSame(times.all(), [['a', 3], ['b', 2], ['a', 1], ['ab', 1]])
  t.strictSame([times.oldest(), times.newest()], ['a', 'ab'])
  t.strictSame(['ab', 'a', 'b', 'abc', 'aa'].map(time => isLast(times, time)), [true, false, false, false, false])
})

t.test('the last 256 times are kept, also across a save and restore at any point', async t => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 900 }),
      fc.array(fc.nat(900), { maxLength: 3 }),
      (steps, cuts) => {
        let now = 0
        let times = createRecentTimes()
        const all: Array<[string, number]> = []
        steps.forEach((step, index) => {
          now += step
          if (cuts.includes(index)) times = createRecentTimes(JSON.parse(JSON.stringify(times.all())))
          add(times, `t${now}`)
          if (all.at(-1)?.[0] === `t${now}`) all.at(-1)![1] += 1
          else all.push([`t${now}`, 1])
        })
        t.strictSame(times.all(), all.slice(-256))
        t.equal(times.oldest(), all.slice(-256)[0]?.[0])
      }
    ),
    { numRuns: 60 }
  )
})

t.test('an overlong time is truncated', async t => {
  const times = createRecentTimes([['x'.repeat(1000), 1]])
  add(times, 'a')
  t.strictSame(times.all(), [['x'.repeat(40), 1], ['a', 1]])
})
