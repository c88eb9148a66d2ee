import t from 'tap'
import { withIdleTimeout } from '../../../../plugins/kubernetes/client/idle-timeout.ts'

/** Yields the pieces, then nothing until it is aborted. */
async function * quietAfter (pieces: string[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
  signal.throwIfAborted()
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const never = new AbortController().signal

t.test('a stream that falls idle fails with reason silence', async t => {
  const chunks: string[] = []
  const reading = (async () => {
    for await (const chunk of withIdleTimeout(signal => quietAfter(['a', 'b'], signal), 20, never, 'GET /x')) {
      chunks.push(String(chunk))
    }
  })()
  await t.rejects(reading, {
    name: 'NoAnswerError',
    reason: 'silence',
    message: 'The API server sent nothing for 0.02 s in GET /x.'
  })
  t.strictSame(chunks, ['a', 'b'])
})

t.test('the caller\'s signal ends the stream with the reason of that signal', async t => {
  const stop = new AbortController()
  const reading = (async () => {
    for await (const chunk of withIdleTimeout(signal => quietAfter(['a'], signal), 60_000, stop.signal, 'GET /x')) {
      if (String(chunk) === 'a') stop.abort()
    }
  })()
  await t.rejects(reading, { name: 'AbortError' })
})

t.test('a stream that ends by itself returns', async t => {
  const chunks: string[] = []
  for await (const chunk of withIdleTimeout(
    async function * () {
      yield Buffer.from('a')
    },
    60_000,
    never,
    'GET /x'
  )) { chunks.push(String(chunk)) }
  t.strictSame(chunks, ['a'])
})
