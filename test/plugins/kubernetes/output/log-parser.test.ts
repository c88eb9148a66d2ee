import fc from 'fast-check'
import t from 'tap'
import { createLogParser, type LogLine, type LogParser } from '../../../../plugins/kubernetes/output/log-parser.ts'
import { criEntries, servedLog } from '../../../fixtures/kubelet-log.ts'

const T1 = '2026-01-31T12:00:00.000000001Z'
const T2 = '2026-01-31T12:00:00.5+01:00'
const X = (length: number): string => 'x'.repeat(length)

type ParsedLine = [time: string, text: string, open: boolean]
const parsedLine = ({ times, timeStart, timeEnd, bytes, start, end, incomplete: open }: LogLine): ParsedLine => [
  times.toString('latin1', timeStart, timeEnd),
  bytes.toString('utf8', start, end),
  open
]

function collect (parse: (take: (line: LogLine) => void) => void): ParsedLine[] {
  const lines: ParsedLine[] = []
  parse(line => { lines.push(parsedLine(line)) })
  return lines
}
const push = (parser: LogParser, chunk: string): ParsedLine[] => collect(take => parser.push(Buffer.from(chunk), take))

function parse (...chunks: string[]): { lines: ParsedLine[], foreign: number } {
  const parser = createLogParser({ followed: false })
  const lines = chunks.flatMap(chunk => push(parser, chunk))
  return { lines, foreign: parser.foreign }
}

t.test("a line has its time and the program's bytes with the newline", async t => {
  t.strictSame(parse(`${T1} one\n${T2} \n${T1} ${T2} two\n`).lines, [
    [T1, 'one\n', false],
    [T2, '\n', false],
    [T1, `${T2} two\n`, false]
  ])
})

t.test('a line without a time counts as written by the kubelet', async t => {
  const { lines, foreign } = parse(`${T1} one\n`, 'rpc error: code = NotFound desc = gone\n', '\n', `${T1}\n`)
  t.strictSame(lines, [[T1, 'one\n', false]])
  t.equal(foreign, 3)
})

t.test('an incomplete line is held back', async t => {
  t.strictSame(parse(`${T1} half`).lines, [])
  t.strictSame(parse(`${T1} half`, ' and half\n').lines, [[T1, 'half and half\n', false]])
})

t.test('a line is whole at whatever length the runtime splits it', async t => {
  const output = `${X(200_000)}\n\nshort\n${X(8192)}\n${X(16_384)}${T2} of the program\n${X(65_536)}\nwithout end`
  for (const length of [1, 37, 8191, 8192, 16_383, 16_384, 65_536, 65_537, 300_000]) {
    let second = 0
    const nextTime = (): string => `2026-01-31T12:00:00.${String(second++).padStart(9, '0')}Z`
    const served = Buffer.from(servedLog(criEntries(output, length, nextTime)))
    const parser = createLogParser({ followed: false })
    const lines: ParsedLine[] = []
    for (let start = 0; start < served.length; start += 10_007) {
      parser.push(served.subarray(start, start + 10_007), line => { lines.push(parsedLine(line)) })
    }
    lines.push(...collect(parser.end))
    t.equal(lines.map(([, text]) => text).join(''), output, `split at ${length} bytes`)
    t.equal(parser.foreign, 0)
  }
})

t.test('the pieces of two streams keep their order in the log', async t => {
  const served = servedLog([
    { time: T1, stream: 'stdout', tag: 'P', text: 'one ' },
    { time: T2, stream: 'stderr', tag: 'F', text: 'two' },
    { time: T1, stream: 'stdout', tag: 'P', text: 'three ' },
    { time: T1, stream: 'stderr', tag: 'P', text: 'four ' },
    { time: T1, stream: 'stdout', tag: 'F', text: 'five' }
  ])
  t.equal(parse(served).lines.map(([, text]) => text).join(''), 'one two\nthree four five\n')
})

t.test('a time inside a line belongs to the program', async t => {
  for (const length of [3, 8192, 16_384, 65_536]) {
    const text = `${X(length)}${T2} y\n`
    t.strictSame(parse(`${T1} ${text}`).lines, [[T1, text, false]])
  }
})

t.test('the rest of a line that began before the requested time is not output', async t => {
  const entries = criEntries(`${X(20_000)}\nnext\n`, 8192, (times => () => times.shift()!)([
    '2026-01-31T12:00:00.9Z', '2026-01-31T12:00:01.0Z', '2026-01-31T12:00:01.1Z', '2026-01-31T12:00:01.2Z'
  ]))
  const { lines, foreign } = parse(servedLog(entries, '2026-01-31T12:00:01'))
  t.strictSame(lines, [['2026-01-31T12:00:01.2Z', 'next\n', false]])
  t.equal(foreign, 1)
})

t.test('a long line is one line, and a very long one is emitted in parts', async t => {
  t.strictSame(parse(`${T1} ${X(100_000)}\n`).lines, [[T1, `${X(100_000)}\n`, false]])
  const parser = createLogParser({ followed: false })
  const lines = [`${T1} `, ...Array.from({ length: 20 }, () => X(40_000)), 'end\n', `${T2} next\n`].flatMap(chunk =>
    push(parser, chunk)
  )
  t.equal(
    lines
      .slice(0, -1)
      .map(([, text]) => text)
      .join(''),
    `${X(800_000)}end\n`
  )
  t.strictSame(
    lines.map(([time]) => time),
    [...lines.slice(0, -1).map(() => T1), T2]
  )
  t.strictSame(
    lines.map(([, , open]) => open),
    [...lines.slice(0, -2).map(() => true), false, false]
  )
  t.ok(lines.length > 3)
})

t.test('text without a time and without a newline is dropped', async t => {
  const parser = createLogParser({ followed: false })
  for (let count = 0; count < 100; count++) t.strictSame(push(parser, X(100_000)), [])
  t.strictSame(push(parser, `\n${T1} one\n`), [[T1, 'one\n', false]])
})

t.test('the rest of a line at the end of the log is incomplete', async t => {
  const ends = (...chunks: string[]) => {
    const parser = createLogParser({ followed: false })
    const lines = [...chunks.flatMap(chunk => push(parser, chunk)), ...collect(parser.end)]
    t.strictSame(collect(parser.end), [])
    return { lines, foreign: parser.foreign }
  }
  t.strictSame(ends(`${T1} one\n${T2} ha`).lines, [[T1, 'one\n', false], [T2, 'ha', true]])
  t.strictSame(ends(`${T1} one\n`).lines, [[T1, 'one\n', false]])
  t.strictSame(ends(`${T1} `).lines, [[T1, '', true]])
  t.strictSame(ends(), { lines: [], foreign: 0 })
  t.strictSame(ends(T1.slice(0, 20)), { lines: [], foreign: 1 }, 'a truncated time is not output of the program')
  const long = ends(`${T1} ${X(300_000)}`, 'end').lines
  t.equal(long.map(([, bytes]) => bytes).join(''), `${X(300_000)}end`)
  t.strictSame(long.map(([time, , open]) => [time, open]), long.map(() => [T1, true]))
})

t.test('an error of the kubelet at the end of a followed line is cut off, and of no other line', async t => {
  const folder = '/var/log/pods/jobs_job-x_1-2/content'
  for (const text of [
    `failed to watch directory "${folder}": no such file or directory`,
    'rpc error: code = NotFound desc = an error occurred when try to find container "17ac5a": not found'
  ]) {
    const ends = (followed: boolean, line: string) => {
      const parser = createLogParser({ followed })
      const whole = push(parser, `${T1} whole\n${line}`)
      return { lines: [...whole, ...collect(parser.end)].slice(1), foreign: parser.foreign }
    }
    t.strictSame(ends(true, `${T1} 88${text}`), { lines: [[T1, '88', true]], foreign: 1 })
    t.strictSame(ends(true, `${T1} ${text}`).lines, [[T1, '', true]])
    t.strictSame(ends(true, text), { lines: [], foreign: 1 })
    const ofProgram = `${text}\n`
    t.strictSame(ends(true, `${T1} ${ofProgram}`), { lines: [[T1, ofProgram, false]], foreign: 0 })
    t.strictSame(ends(false, `${T1} 88${text}`), { lines: [[T1, `88${text}`, true]], foreign: 0 })
  }
})

t.test('the output does not depend on the chunk boundaries', async t => {
  const content = fc.oneof(
    fc.string({ unit: 'grapheme' }).map(text => text.replaceAll('\n', ' ')),
    fc.integer({ min: 16_380, max: 16_390 }).map(X),
    fc.constant(X(300_000))
  )
  fc.assert(
    fc.property(
      fc.array(content, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }),
      (texts, cuts) => {
        const bytes = Buffer.from(texts.map(text => `${T1} ${text}\n`).join(''))
        const parser = createLogParser({ followed: false })
        let out = Buffer.alloc(0)
        // Small chunks alone would copy the part of a long line that is held back too often.
        const lengths = [...cuts, 30_000]
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const end = start + lengths[turn % lengths.length]!
          parser.push(bytes.subarray(start, end), line => {
            const text = line.bytes.subarray(line.start, line.end)
            out = Buffer.concat([out, text])
            // A callback may overwrite everything up to the end of its line.
            line.bytes.fill(0, 0, line.end)
          })
          start = end
        }
        t.equal(out.toString(), texts.map(text => `${text}\n`).join(''))
      }
    ),
    { numRuns: 50 }
  )
})
