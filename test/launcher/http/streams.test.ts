import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { mock } from 'node:test'
import fastify, { type FastifyReply } from 'fastify'
import t from 'tap'
import { sendBytes, sendEvents, serverSentEvent, createStreams, wantsEvents } from '../../../launcher/http/streams.ts'

interface Test { teardown (clean: () => unknown): void }

/** Serves one route on a real socket and returns a client for it. */
async function serve (t: Test, answer: (reply: FastifyReply) => FastifyReply) {
  const server = fastify({ forceCloseConnections: true })
  server.get('/', async (_request, reply) => answer(reply))
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const { port } = server.server.address() as AddressInfo
  return () => {
    const sent = request({ host: '127.0.0.1', port, agent: false }).end()
    sent.on('error', () => {})
    return sent
  }
}

const replyWith = (raw: EventEmitter & { destroyed?: boolean }): FastifyReply => ({ raw }) as unknown as FastifyReply

t.test('the signal of a stream aborts when its client disconnects, and only then', async t => {
  const { open } = createStreams()
  const [one, two] = [new EventEmitter(), new EventEmitter()]
  const [first, second] = [open(replyWith(one)), open(replyWith(two))]
  one.emit('close')
  t.equal(first.aborted, true)
  t.equal(second.aborted, false)
})

t.test('all streams end at once, and streams opened later never begin', async t => {
  const { open, endAll } = createStreams()
  const signals = [open(replyWith(new EventEmitter())), open(replyWith(new EventEmitter()))]
  endAll()
  t.strictSame(signals.map(({ aborted }) => aborted), [true, true])
  t.equal(open(replyWith(new EventEmitter())).aborted, true)
})

t.test('a stream for a client that has already disconnected is aborted from the start', async t => {
  t.equal(createStreams().open(replyWith(Object.assign(new EventEmitter(), { destroyed: true }))).aborted, true)
})

t.test('events are sent in order with the right headers', async t => {
  const send = await serve(t, reply => sendEvents(reply, (async function * () {
    yield serverSentEvent('job', 3, { a: 'x\ny' })
    yield serverSentEvent('end', undefined, null)
  })()))
  const [reply] = await once(send(), 'response')
  t.match(reply.headers, {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no'
  })
  t.equal(await text(reply), ': job-launcher\n\nevent: job\nid: 3\ndata: {"a":"x\\ny"}\n\nevent: end\ndata: null\n\n')
})

t.test('an idle stream is kept alive', async t => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const proceed = Promise.withResolvers<void>()
  const send = await serve(t, reply => sendEvents(reply, (async function * () {
    await proceed.promise
    yield serverSentEvent('end', undefined, null)
  })()))
  const [reply] = await once(send(), 'response')
  const whole = text(reply)
  mock.timers.tick(30_000)
  proceed.resolve()
  t.equal(await whole, ': job-launcher\n\n: keep-alive\n\n: keep-alive\n\nevent: end\ndata: null\n\n')
})

t.test('a client that disconnects ends the source', async t => {
  const { open } = createStreams()
  const ended = Promise.withResolvers<void>()
  const send = await serve(t, reply => {
    const signal = open(reply)
    return sendEvents(reply, (async function * () {
      try {
        yield serverSentEvent('job', 1, {})
        await once(signal, 'abort')
      } finally {
        ended.resolve()
      }
    })())
  })
  const sent = send()
  const [reply] = await once(sent, 'response')
  await once(reply, 'data')
  sent.destroy()
  await ended.promise
})

t.test('a client that does not read holds the source back', async t => {
  let given = 0
  const piece = Buffer.alloc(65_536)
  const send = await serve(t, reply => sendBytes(reply, (async function * () {
    for (; given < 2000; given++) yield piece
  })()))
  const sent = send()
  const [reply] = await once(sent, 'response')
  let before = -1
  // First the buffers of both sides fill up. Then nothing is pulled any more.
  while (before !== given) {
    before = given
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.ok(given < 500, `${given} pieces of 64 KiB were pulled`)
  let bytes = 0
  for await (const data of reply) bytes += data.length
  t.equal(bytes, 2000 * piece.length)
})

t.test(
  'of many streams with an event at once, 32 send it in one event-loop iteration, and all in the end',
  async t => {
    const go = Promise.withResolvers<void>()
    const written = new Map<number, number>()
    let iteration = 0
    const send = await serve(t, reply => {
      const { raw } = reply
      const write = raw.write.bind(raw) as (...args: unknown[]) => boolean
      raw.write = (...args: unknown[]) => {
        written.set(iteration, (written.get(iteration) ?? 0) + 1)
        return write(...args)
      }
      return sendBytes(
        reply,
        (async function * () {
          await go.promise
          yield Buffer.from('piece')
        })()
      )
    })
    const replies = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const [reply] = await once(send(), 'response')
        return { body: text(reply) }
      })
    )
    function count (): void {
      iteration += 1
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    go.resolve()
    t.strictSame(new Set(await Promise.all(replies.map(({ body }) => body))), new Set(['piece']))
    clearImmediate(counting)
    t.strictSame([...written.values()], [32, 32, 32, 4])
  }
)

t.test('a source that fails cuts the reply, so no client mistakes a part for the whole', async t => {
  for (const answer of [sendEvents, sendBytes] as Array<
    (reply: FastifyReply, source: AsyncIterable<never>) => FastifyReply
  >) {
    const send = await serve(t, reply =>
      answer(
        reply,
        (async function * () {
          yield 'begun' as never
          await new Promise(resolve => setImmediate(resolve))
          throw new TypeError('broken')
        })()
      )
    )
    const [reply] = await once(send(), 'response')
    await t.rejects(text(reply), { code: 'ECONNRESET' })
  }
})

t.test('events are sent to clients that accept them', async t => {
  t.equal(wantsEvents('text/event-stream'), true)
  t.equal(wantsEvents('text/html, text/event-stream;q=0.9'), true)
  t.equal(wantsEvents('*/*'), false)
  t.equal(wantsEvents(undefined), false)
})
