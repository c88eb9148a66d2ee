import t from 'tap'
import { lookAtStart, mayMissFile, type FirstFile } from '../../../../plugins/kubernetes/output/log-start.ts'

const START = Date.parse('2026-01-31T12:00:00Z')
const at = (ms: number): number => START + ms
const first = (ms: number, openedMs = 5000): FirstFile =>
  ({ startedAt: START, openedAt: at(openedMs), firstLineAt: at(ms) })
/** 10 MB a second. */
const fastAfter = (ms: number) => ({ bytes: 1_000_000, lastLineAt: at(ms + 100) })

t.test('a file may be missing if one fits between the start of the program and the first line', async t => {
  t.ok(mayMissFile(first(2000), fastAfter(2000)))
  t.notOk(mayMissFile(first(2000), { bytes: 1_000_000, lastLineAt: at(3000) }), 'too slow for a whole file')
  t.ok(mayMissFile(first(2000), { bytes: 1_000_000, lastLineAt: at(2000) }), 'all lines have the same time')
})

t.test('no file is missing before a line of the second in which the program started', async t => {
  t.notOk(mayMissFile(first(900), fastAfter(900)))
  t.notOk(mayMissFile({ ...first(2000), startedAt: undefined }, fastAfter(2000)))
})

t.test('no file is missing before a line that was written after the log was opened', async t => {
  t.notOk(mayMissFile(first(2000, 1900), fastAfter(2000)))
})

t.test('the start of a log is looked at once, after its first MiB, and every chunk is passed on', async t => {
  const line = (ms: number) => Buffer.from(`${new Date(at(ms)).toISOString()} ${'x'.repeat(99_000)}\n`)
  const look = async (lines: number) => {
    let missing = 0
    let passed = 0
    const chunks = (async function * () { for (let n = 0; n < lines; n++) yield line(2000 + n) })()
    for await (const chunk of lookAtStart(chunks, first(2000), () => { missing += 1 })) passed += chunk.length
    t.equal(passed, lines * line(0).length)
    return missing
  }
  t.equal(await look(30), 1)
  t.equal(await look(5), 0)
})
