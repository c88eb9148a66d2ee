import t from 'tap'
import { formatSize, parseSize } from '../../../launcher/lib/size.ts'

t.test('each spelling of a size gives its bytes', async t => {
  const cases: Array<[string, number]> = [
    ['0', 0], ['1024', 1024], ['10B', 10], ['5MB', 5_000_000], ['5 MiB', 5_242_880], ['5mib', 5_242_880], ['1kB', 1000],
    ['1KiB', 1024], ['2GB', 2_000_000_000], ['1GiB', 1_073_741_824], ['1.5MB', 1_500_000], ['0.1kb', 100]
  ]
  for (const [text, bytes] of cases) t.equal(parseSize(text), bytes, text)
})

t.test('any other spelling is not a size', async t => {
  for (const text of ['', 'MB', '-1', '5M', '5TB', 'ib', '1ib', '1.5', '1.0001kb', '1e6', '9'.repeat(20), '5 MB!']) {
    t.equal(parseSize(text), undefined, text)
  }
})

t.test('a size is written as the smallest whole number of a unit', async t => {
  for (const [bytes, text] of [
    [5 * 2 ** 20, '5 MiB'],
    [1024, '1 KiB'],
    [2 ** 30, '1 GiB'],
    [10 ** 10, '10 GB'], [1000, '1 kB'], [1001, '1001 B'], [65_536, '64 KiB'], [0, '0 B']
  ] as const) {
    t.equal(formatSize(bytes), text)
    t.equal(parseSize(text), bytes)
  }
})
