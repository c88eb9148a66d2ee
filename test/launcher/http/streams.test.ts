import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { mock } from 'node:test'
import fastify, { type FastifyReply } from 'fastify'
import t from 'tap'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { jobsOf } from '../../fixtures/jobs-of.ts'
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

const notAborted = new AbortController().signal

const replyWith = (raw: EventEmitter & { destroyed?: boolean }): FastifyReply => ({ raw }) as unknown as FastifyReply

t.test('the signal of a stream aborts when its client disconnects, and only then', async t => {
  const { open } = createStreams()
  const [one, two] = [new EventEmitter(), new EventEmitter()]
  const [first, second] = [open(replyWith(one)), open(replyWith(two))]
  one.emit('close')
  t.equal(first.aborted, true)
  t.equal(second.aborted, false)
})

t.test('all streams abort at once, and streams opened later are refused', async t => {
  const { open, endAll } = createStreams()
  const signals = [open(replyWith(new EventEmitter())), open(replyWith(new EventEmitter()))]
  endAll()
  t.strictSame(signals.map(({ aborted }) => aborted), [true, true])
  t.throws(() => open(replyWith(new EventEmitter())), { code: 'ShuttingDown' })
})

t.test('a stream for a client that has already disconnected is aborted from the start', async t => {
  t.equal(createStreams().open(replyWith(Object.assign(new EventEmitter(), { destroyed: true }))).aborted, true)
})

t.test('events are sent in order with the right headers', async t => {
  const send = await serve(t, reply => sendEvents(reply, (async function * () {
    yield serverSentEvent('job', 3, { a: 'x\ny' })
    yield serverSentEvent('end', undefined, null)
  })(), notAborted))
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
  })(), notAborted))
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
    })(), signal)
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
    for (; given < 2000; given++) yield { data: piece }
  })(), notAborted))
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

t.test('a chunk is released once the system has taken its bytes, which may be used again from then on', async t => {
  const given: Buffer[] = []
  let released = 0
  const closed = Promise.withResolvers<unknown>()
  const send = await serve(t, reply => {
    reply.raw.once('close', closed.resolve)
    return sendBytes(reply, (async function * () {
      for (let index = 0; index < 200; index++) {
        const data = Buffer.alloc(131_072, index)
        given.push(data)
        yield { data, release () { released++; data.fill(255) } }
      }
    })(), notAborted)
  })
  const [reply] = await once(send(), 'response')
  // The client reads nothing yet, so the last chunks are still the launcher's.
  let before = -1
  while (before !== given.length) {
    before = given.length
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.ok(released < given.length, `${released} of ${given.length}`)
  const bytes = Buffer.concat(await reply.toArray())
  t.equal(bytes.length, 200 * 131_072)
  t.equal(bytes.findIndex((byte, index) => byte !== Math.floor(index / 131_072)), -1)
  await closed.promise
  t.equal(released, 200)
})

t.test('a client that disconnects releases all chunks', async t => {
  const { open } = createStreams()
  let held = 0
  const closed = Promise.withResolvers<unknown>()
  const send = await serve(t, reply => {
    reply.raw.once('close', closed.resolve)
    const signal = open(reply)
    return sendBytes(reply, (async function * () {
      while (!signal.aborted) {
        held++
        yield { data: Buffer.alloc(262_144), release () { held-- } }
      }
    })(), signal)
  })
  const sent = send()
  await once(sent, 'response')
  await new Promise(resolve => setTimeout(resolve, 50))
  t.ok(held > 0)
  sent.destroy()
  await closed.promise
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(held, 0)
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
          yield { data: Buffer.from('piece') }
        })(),
        notAborted
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
    (reply: FastifyReply, source: AsyncIterable<never>, signal: AbortSignal) => FastifyReply
  >) {
    const send = await serve(t, reply =>
      answer(
        reply,
        (async function * () {
          yield (answer === sendBytes ? { data: Buffer.from('begun') } : 'begun') as never
          await new Promise(resolve => setImmediate(resolve))
          throw new TypeError('broken')
        })(),
        notAborted
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

t.test('HEAD has the headers of GET on each call with a stream, and nothing is logged for it', async t => {
  const { log, lines } = recordingLog()
  let opened = 0
  const { server, jobs, config } = await scriptedApp(t, {
    async output (_job, { signal }) {
      return (async function * () {
        opened += 1
        for (let offset = 0; !signal.aborted; offset += 10_000) {
          yield { stream: 'mixed', offset, data: Buffer.alloc(10_000, 'x') } as const
        }
      })()
    }
  }, {}, {}, log)
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  const socketPath = `${config.server.scratchPath}/head`
  await server.listen({ path: socketPath })
  async function headersOf (method: string, path: string, accept: string): Promise<object> {
    const sent = request({ socketPath, method, path, agent: false, headers: { accept } }).end()
    const [reply] = await once(sent, 'response')
    // RFC 9110 lets a reply to HEAD leave out transfer-encoding.
    const { date: _, 'transfer-encoding': _encoding, ...headers } = reply.headers
    if (method === 'HEAD') t.equal(await text(reply), '')
    const closed = once(sent, 'close')
    sent.destroy()
    await closed
    return { status: reply.statusCode, ...headers }
  }
  const events = 'text/event-stream'
  for (const [path, accept] of [
    [`/v1/jobs/${id}/output`, '*/*'],
    [`/v1/jobs/${id}/output?follow=true`, '*/*'],
    [`/v1/jobs/${id}/output?follow=true`, events],
    [`/v1/jobs/${id}/output?wait=output`, '*/*'],
    [`/v1/jobs/${id}/events`, events],
    ['/v1/jobs/events', events],
    [`/v1/jobs/${id}/resources`, events],
    ['/v1/usage', events]
  ] as const) {
    const before = opened
    const head = await headersOf('HEAD', path, accept)
    if (!path.includes('wait=')) t.equal(opened, before, `${path}: HEAD reads no output`)
    t.match(head, { status: 200 })
    t.strictSame(head, await headersOf('GET', path, accept), path)
  }
  await server.close()
  t.strictSame(lines.filter(({ level }) => Number(level) >= 40), [])
})
