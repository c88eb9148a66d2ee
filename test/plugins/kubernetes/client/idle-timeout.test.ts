import t from 'tap'
import { withIdleTimeout } from '../../../../plugins/kubernetes/client/idle-timeout.ts'

/** Gives the pieces, then nothing until it is aborted. */
async function * quietAfter (pieces: string[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
  signal.throwIfAborted()
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const never = new AbortController().signal

t.test('a stream that falls silent is ended with an error that says so', async t => {
  const seen: string[] = []
  const reading = (async () => {
    for await (const chunk of withIdleTimeout(signal => quietAfter(['a', 'b'], signal), 20, never, 'GET /x')) {
      seen.push(String(chunk))
    }
  })()
  await t.rejects(reading, {
    name: 'NoAnswerError',
    reason: 'silence',
    message: 'The API server was silent for 0.02 s in GET /x.'
  })
  t.strictSame(seen, ['a', 'b'])
})

t.test('the caller\'s own signal ends it with its own reason', async t => {
  const stop = new AbortController()
  const reading = (async () => {
    for await (const chunk of withIdleTimeout(signal => quietAfter(['a'], signal), 60_000, stop.signal, 'GET /x')) {
      if (String(chunk) === 'a') stop.abort()
    }
  })()
  await t.rejects(reading, { name: 'AbortError' })
})

t.test('a stream that ends is just over', async t => {
  const seen: string[] = []
  for await (const chunk of withIdleTimeout(
    async function * () {
      yield Buffer.from('a')
    },
    60_000,
    never,
    'GET /x'
  )) { seen.push(String(chunk)) }
  t.strictSame(seen, ['a'])
})
