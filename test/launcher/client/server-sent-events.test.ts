import t from 'tap'
import fc from 'fast-check'
import { serverSentEvents, type ServerSentEvent } from '../../../launcher/client/server-sent-events.ts'
import { collect } from '../../fixtures/collect.ts'

async function read (...pieces: Uint8Array[]): Promise<ServerSentEvent[]> {
  return await collect(serverSentEvents(async function * () { yield * pieces }()))
}

const bytes = (text: string) => new TextEncoder().encode(text)

t.test('fields, comments, several data lines and line endings are parsed as the standard defines', async t => {
  const events = await read(
    bytes(': hello\n\nevent: job\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\nevent: nothing\n\nid\ndata: y\n\n')
  )
  t.same(events, [
    { event: 'job', data: '{"a":\n1}', id: '7' },
    { event: 'message', data: 'x', id: '7' },
    { event: 'message', data: 'y', id: '' }
  ])
})

t.test('an event that was cut off is dropped', async t => {
  t.same(await read(bytes('data: whole\n\ndata: cut')), [{ event: 'message', data: 'whole', id: '' }])
})

t.test('the places where the bytes are cut make no difference', async t => {
  const whole = bytes('event: output\nid: 3\ndata: naïve 😀 ü\n\ndata: 2\n\n')
  const expected = await read(whole)
  await fc.assert(fc.asyncProperty(fc.nat(whole.length), fc.nat(whole.length), async (a, b) => {
    const [first, second] = [Math.min(a, b), Math.max(a, b)]
    t.same(await read(whole.slice(0, first), whole.slice(first, second), whole.slice(second)), expected)
  }), { numRuns: 50 })
})
