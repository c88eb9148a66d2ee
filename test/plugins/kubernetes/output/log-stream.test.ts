import t from 'tap'
import { createLogPosition } from '../../../../plugins/kubernetes/output/log-position.ts'
import { takeStream } from '../../../../plugins/kubernetes/output/log-stream.ts'
import type { NewerFiles } from '../../../../plugins/kubernetes/output/newer-files.ts'
import { createPassedTimes } from '../../../../plugins/kubernetes/output/passed-times.ts'

const at = (line: number): string => `2026-01-31T12:00:00.00000000${line}Z`

async function take (chunks: string[], newer: Partial<NewerFiles> = {}) {
  const taken: string[] = []
  const passed = createPassedTimes()
  const counts = { received: 0, foreign: 0 }
  const { isLeft, isCut } = await takeStream((async function * () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  })(), {
    followed: true,
    position: createLogPosition(),
    passed,
    newer: {
      received (bytes) { counts.received += bytes },
      isWaiting: false,
      placeOf: () => 'here',
      joinedBytes: async () => 0,
      shift: () => undefined,
      close () {},
      ...newer
    },
    take (bytes) { taken.push(Buffer.from(bytes).toString()) },
    foreignLines (lines) { counts.foreign += lines }
  })
  return { taken, isLeft, isCut, counts, passed }
}

t.test('lines that come together are taken together, and their times are remembered', async t => {
  const chunks = [`${at(1)} a\n${at(2)} b\n`, 'an error\n', `${at(3)} c`]
  const { taken, isLeft, counts, passed } = await take(chunks)
  t.strictSame(taken, ['a\nb\n', 'c'])
  t.equal(isLeft, false)
  t.strictSame(counts, { received: chunks.join('').length, foreign: 1 })
  t.ok(passed.hasOneOf([at(3)]))
  t.notOk(passed.hasOneOf([at(4)]))
})

t.test('while files wait, a line is taken once the next shows that it is whole', async t => {
  const chunks = [`${at(1)} a\n${at(2)} b\n`, `${at(3)} c\n`, `${at(4)} d\n`]
  const { taken } = await take(chunks, { isWaiting: true })
  t.strictSame(taken, ['a\n', 'b\n', 'c\n', 'd\n'])
})

t.test('a stream that has left its file ends, and what it joined to the last line is left out', async t => {
  const newer: Partial<NewerFiles> = {
    isWaiting: true,
    placeOf: time => time === at(3) ? 'beyond' : 'here',
    joinedBytes: async time => time === at(3) ? 5 : 0
  }
  const { taken, isLeft } = await take([`${at(1)} a\n${at(2)} begin`, `more\n${at(3)} x\n${at(4)} y\n`, 'z'], newer)
  t.strictSame(taken, ['a\n', 'begin'])
  t.equal(isLeft, true)
})

t.test('a failed take rejects', async t => {
  const stream = takeStream((async function * () { yield Buffer.from(`${at(1)} a\n`) })(), {
    followed: true,
    position: createLogPosition(),
    passed: createPassedTimes(),
    newer: {
      received () {},
      isWaiting: false,
      placeOf: () => 'here',
      joinedBytes: async () => 0,
      shift: () => undefined,
      close () {}
    },
    take () { throw new Error('full') },
    foreignLines () {}
  })
  await t.rejects(stream, /full/)
})

t.test('a stream that ends with an error of the kubelet inside a line is cut, and after a line it is not', async t => {
  const text = 'rpc error: code = NotFound desc = an error occurred'
  for (const [chunks, taken, isCut] of [
    [[`${at(1)} a\n`, text], ['a\n'], false],
    [[`${at(1)} a\n${at(2)} 88`, text], ['a\n', '88'], true],
    [[`${at(1)} a\n${at(2)}`, text], ['a\n'], true]
  ] as const) {
    t.match(await take([...chunks]), { taken, isLeft: false, isCut })
  }
  t.equal((await take([`${at(1)} a\n${at(2)} rest`])).isCut, false)
})
