import fc from 'fast-check'
import t from 'tap'
import type { LogLine } from '../../../../plugins/kubernetes/output/log-parser.ts'
import { createLogPosition, type SavedPosition } from '../../../../plugins/kubernetes/output/log-position.ts'

const at = (nanoseconds: number, second = 0): string =>
  `2026-01-31T12:00:${String(second).padStart(2, '0')}.${String(nanoseconds).padStart(9, '0')}Z`

/** A line whose buffer has other bytes before the time. */
function line (time: string, text = `${time}\n`, open = false): LogLine {
  const bytes = Buffer.from(`..${time} ${text}`)
  const timeEnd = 2 + time.length
  return { times: bytes, timeStart: 2, timeEnd, bytes, start: timeEnd + 1, end: bytes.length, incomplete: open }
}
const textOf = ({ bytes, start, end }: LogLine): string => bytes.toString('utf8', start, end)

/** Reads the lines. The position is saved and restored between two reads. */
function read (saved: SavedPosition | undefined, lines: LogLine[]): { out: string, saved: SavedPosition } {
  const position = createLogPosition(saved)
  position.begin()
  const out = lines.map(line => ({ ...line })).filter(line => position.take(line)).map(textOf).join('')
  return { out, saved: JSON.parse(JSON.stringify(position.save())) as SavedPosition }
}

t.test('since returns the second of the oldest line that is remembered', async t => {
  t.equal(createLogPosition().since(), undefined)
  t.equal(
    createLogPosition({
      recent: [
        [at(5, 7), 1],
        [at(9, 8), 1]
      ],
      open: 0
    }).since(),
    '2026-01-31T12:00:07Z'
  )
  t.equal(
    createLogPosition({ recent: [['2026-01-31T12:00:07+01:00', 1]], open: 0 }).since(),
    '2026-01-31T12:00:07+01:00'
  )
})

t.test('lines with the same time are counted', async t => {
  const lines = [line(at(1), 'a'), line(at(1), 'b'), line(at(1), 'c'), line(at(2), 'd')]
  const first = read(undefined, lines.slice(0, 2))
  t.equal(first.out, 'ab')
  t.equal(read(first.saved, lines).out, 'cd')
})

t.test('a line with an earlier time than the one before is not lost', async t => {
  const lines = [line(at(10), 'a'), line(at(30), 'b'), line(at(20), 'late'), line(at(40), 'c')]
  const first = read(undefined, lines.slice(0, 2))
  t.equal(read(first.saved, lines).out, 'latec')
})

t.test('lines are read if the node has rotated the known lines away', async t => {
  const first = read(undefined, [line(at(1), 'a'), line(at(2), 'b')])
  t.equal(read(first.saved, [line(at(3), 'c'), line(at(4), 'd')]).out, 'cd')
})

t.test('times are compared as times, not as strings', async t => {
  const first = read(undefined, [line('2026-01-31T12:00:00.25Z', 'a')])
  t.equal(
    read(first.saved, [
      line('2026-01-31T12:00:00.2Z', 'old'),
      line('2026-01-31T12:00:00.25Z', 'a'),
      line('2026-01-31T13:00:00.3+01:00', 'b')
    ]).out,
    'b'
  )
})

t.test('the file of the lines is saved, and another file has no known lines', async t => {
  const position = createLogPosition()
  position.file = at(1)
  position.begin()
  for (const number of [1, 2]) position.take(line(at(number)))
  t.strictSame([position.knows(at(2)), position.knows(at(3))], [true, false])
  t.match(position.save(), { file: at(1) })
  t.equal(createLogPosition(position.save()).file, at(1))
  position.enter(at(2))
  t.strictSame([position.file, position.since(), position.knows(at(2))], [at(2), undefined, false])
  position.begin()
  t.ok(position.take(line(at(1))))
})

t.test('a long line continues at the byte where it was cut', async t => {
  const first = read(undefined, [line(at(1), 'a\n'), line(at(2), 'lon', true), line(at(2), 'g l', true)])
  t.equal(first.out, 'a\nlong l')
  t.equal(first.saved.open, 6)
  t.equal(read(first.saved, [line(at(1), 'a\n'), line(at(2), 'long line\n'), line(at(3), 'b\n')]).out, 'ine\nb\n')
  t.equal(
    read(first.saved, [
      line(at(1), 'a\n'),
      line(at(2), 'lo', true),
      line(at(2), 'ng li', true),
      line(at(2), 'ne\n'),
      line(at(3), 'b\n')
    ]).out,
    'ine\nb\n'
  )
  const second = read(first.saved, [line(at(1), 'a\n'), line(at(2), 'long li', true)])
  t.equal(read(second.saved, [line(at(2), 'long line\n'), line(at(3), 'b\n')]).out, 'ne\nb\n')
})

t.test('all pieces of a known line are skipped', async t => {
  const pieces = [line(at(1), 'lon', true), line(at(1), 'g', true), line(at(1), '\n')]
  const first = read(undefined, [...pieces, line(at(2), 'a\n')])
  t.equal(first.out, 'long\na\n')
  t.equal(read(first.saved, [...pieces, line(at(2), 'a\n'), line(at(3), 'b\n')]).out, 'b\n')
})

t.test('the lines after an incomplete line are read whole if the node has rotated its rest away', async t => {
  const first = read(undefined, [line(at(1), 'lon', true)])
  const second = read(first.saved, [line(at(2), 'a\n'), line(at(3), 'b\n')])
  t.equal(second.out, 'a\nb\n')
  t.equal(read(second.saved, [line(at(2), 'a\n'), line(at(3), 'b\n'), line(at(4), 'c\n')]).out, 'c\n')
})

t.test('each line is returned once, however often and wherever the reads are cut', async t => {
  const steps = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 700 })
  fc.assert(
    fc.property(steps, fc.array(fc.nat(700), { maxLength: 5 }), (steps, cuts) => {
      let now = 0
      const lines = steps.map((step, index) => {
        now += step
        return { time: at(now % 10, Math.floor(now / 10) % 60), text: `${index}\n` }
      })
      let saved: SavedPosition | undefined
      let output = ''
      for (const cut of [...cuts.map(cut => cut % (lines.length + 1)).sort((a, b) => a - b), lines.length]) {
        const since = createLogPosition(saved).since()
        const returned =
          since === undefined
            ? lines
            : lines.filter(({ time }) => Date.parse(time.slice(0, 19)) >= Date.parse(since.slice(0, 19)))
        const skipped = lines.length - returned.length
        const reading = read(
          saved,
          returned.slice(0, Math.max(0, cut - skipped)).map(({ time, text }) => line(time, text))
        )
        output += reading.out
        saved = reading.saved
      }
      t.equal(output, lines.map(({ text }) => text).join(''))
    }),
    { numRuns: 200 }
  )
})
