import t from 'tap'
import { formatDuration, parseDuration } from '../../../launcher/lib/duration.ts'

t.test('each spelling of a duration gives its milliseconds', async t => {
  const cases: Array<[string, number]> = [
    ['0', 0], ['90', 90_000], ['90s', 90_000], ['2m', 120_000], ['24h', 86_400_000], ['1d', 86_400_000], ['500ms', 500],
    ['1.5h', 5_400_000], ['0.1s', 100], ['1.001s', 1001], ['2 m', 120_000]
  ]
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, text)
})

t.test('any other spelling is not a duration', async t => {
  for (const text of [
    '',
    ' ',
    's',
    '-1s',
    '+1s',
    '1w',
    '1H',
    '1h30m',
    '1,5h',
    '.5s',
    '1.s',
    '1e3',
    '0.5ms',
    '9'.repeat(20),
    'Infinity',
    '٣s'
  ]) {
    t.equal(parseDuration(text), undefined, text)
  }
})

t.test('a duration is written in the largest unit of which it is a whole number', async t => {
  for (const [ms, text] of [
    [86_400_000, '1d'],
    [90_000, '90s'],
    [120_000, '2m'],
    [1500, '1500ms'],
    [3_600_000, '1h']
  ] as const) {
    t.equal(formatDuration(ms), text)
    t.equal(parseDuration(text), ms)
  }
})
