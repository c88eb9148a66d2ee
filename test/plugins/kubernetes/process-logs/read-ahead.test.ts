import t from 'tap'
import { AHEAD_BYTES, readAhead } from '../../../../plugins/kubernetes/process-logs/read-ahead.ts'

function reader (content: () => string) {
  const calls: number[] = []
  const read = readAhead(async (offset, memory) => {
    calls.push(offset)
    return Buffer.from(memory).write(content().slice(offset, offset + AHEAD_BYTES), 'latin1')
  })
  return {
    calls,
    async text (offset: number, length: number) {
      const buffer = Buffer.alloc(length)
      return buffer.toString('latin1', 0, await read(buffer, length, offset))
    }
  }
}

t.test('one call reads for many, and what was read to its end is read again', async t => {
  let content = '0123456789'
  const { calls, text } = reader(() => content)
  t.equal(await text(0, 4), '0123')
  t.equal(await text(4, 4), '4567')
  t.equal(await text(8, 4), '89')
  t.strictSame(calls, [0])
  content += 'ab'
  t.equal(await text(10, 4), 'ab')
  t.equal(await text(12, 4), '')
  t.strictSame(calls.slice(1), [10, 12])
})

t.test('another offset is read', async t => {
  const { calls, text } = reader(() => '0123456789')
  t.equal(await text(0, 4), '0123')
  t.equal(await text(2, 4), '2345')
  t.equal(calls.length, 1)
  t.equal(await text(20, 4), '')
  t.equal(await text(6, 2), '67')
  t.equal(calls.length, 3)
})

t.test('a long file is read piece by piece', async t => {
  const content = Array.from({ length: 3 * AHEAD_BYTES / 8 + 1 }, (_, i) => String(i).padStart(8)).join('')
  const { calls, text } = reader(() => content)
  let found = ''
  for (;;) {
    const part = await text(found.length, 65_536)
    if (part === '') break
    found += part
  }
  t.ok(found === content)
  t.strictSame(calls, [0, AHEAD_BYTES, 2 * AHEAD_BYTES, 3 * AHEAD_BYTES, content.length])
})
