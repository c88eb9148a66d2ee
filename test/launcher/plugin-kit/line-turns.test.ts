import t from 'tap'
import {
  createChunkTurns, createLineTurns, LONG_LINE_BYTES, type Turns
} from '../../../launcher/plugin-kit/line-turns.ts'

/** Reads these texts one after the other; an empty one is what a reader finds at the present end. */
const reading = (texts: string[]) => async () => ({ data: Buffer.from(texts.shift() ?? '') })

async function textsOf (turns: Turns): Promise<string[]> {
  const texts: string[] = []
  for await (const { data } of turns.next()) texts.push(Buffer.from(data).toString())
  return texts
}

t.test('a turn ends at the last line end of the first chunk that has one, and the next one goes on there', async t => {
  const turns = createLineTurns(reading(['a\nb\nc', 'd', 'e\n', 'f\n', '', 'g', '']))
  t.strictSame(await textsOf(turns), ['a\nb\n'])
  t.strictSame(await textsOf(turns), ['c', 'd', 'e\n'])
  t.strictSame(await textsOf(turns), ['f\n'])
  t.equal(turns.atEnd(), false, 'more may follow a line')
  t.strictSame(await textsOf(turns), [])
  t.equal(turns.atEnd(), true)
  t.strictSame(await textsOf(turns), ['g'], 'a line without an end is not held back')
})

t.test('a stream whose last bytes were read is at its end without another read', async t => {
  for (const [createTurns, text, atEnd] of [
    [createChunkTurns, 'a', true],
    [createLineTurns, 'a\n', true],
    [createLineTurns, 'a\nb', false]
  ] as const) {
    const turns = createTurns(async () => ({ data: Buffer.from(text), isLast: true }))
    await textsOf(turns)
    t.equal(turns.atEnd(), atEnd, text)
  }
})

t.test('what is kept of a chunk does not use the memory of the chunk', async t => {
  const memory = Buffer.from('a\nb')
  const turns = createLineTurns(async () => ({ data: memory }))
  t.strictSame(await textsOf(turns), ['a\n'])
  memory.fill('x')
  t.equal((await textsOf(turns))[0], 'b')
})

t.test('a turn ends inside a long line, so that the other stream has its own', async t => {
  const chunk = 'x'.repeat(LONG_LINE_BYTES / 3)
  const turns = createLineTurns(reading([...Array(4).fill(chunk), 'y\n']))
  t.strictSame(await textsOf(turns), Array(3).fill(chunk))
  t.strictSame(await textsOf(turns), [chunk, 'y\n'])
})

t.test('the only stream is read chunk by chunk', async t => {
  const turns = createChunkTurns(reading(['a\nb', 'c', '']))
  t.strictSame([await textsOf(turns), await textsOf(turns), await textsOf(turns)], [['a\nb'], ['c'], []])
})
