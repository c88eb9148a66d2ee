import fc from 'fast-check'
import t from 'tap'
import { incompleteTail, outputEvents } from '../../../launcher/http/output-events.ts'
import { isEnded, type Job, type OutputChunk, type OutputRequest } from '../../../launcher/plugin.ts'
import { collect } from '../../fixtures/collect.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'

interface Event {
  event: string
  id?: string
  data: { stream: string; offset: number; text: string; status?: string; outcome?: string; exitCode?: number }
}

function parse (text: string): Event {
  const fields = Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  )
  return { event: fields.event!, ...(fields.id === undefined ? {} : { id: fields.id }), data: JSON.parse(fields.data!) }
}

const wanted = (changes: Partial<OutputRequest> = {}): OutputRequest => ({
  stream: 'stdout',
  from: { stdout: 0, stderr: 0 },
  follow: true,
  signal: new AbortController().signal,
  ...changes
})
const ended = sampleJob({ status: 'Finished', exitCode: 3, reason: 'Exited' })

t.test('an empty first chunk of a stream says where it starts', async t => {
  const starts: OutputChunk[] = [
    { stream: 'stdout', offset: 70, data: new Uint8Array() },
    { stream: 'stderr', offset: 9, data: new Uint8Array() },
    { stream: 'stdout', offset: 70, data: Buffer.from('ab') }
  ]
  const source = (async function * () { yield * starts })()
  const events = await collect(outputEvents(source, wanted({ stream: 'both' }), async () => ended))
  t.match(parse(events[0]!), { id: '72,9', data: { stream: 'stdout', offset: 70, text: 'ab' } })
  t.equal(events.length, 2)
})

async function * chunks (...all: Array<[OutputChunk['stream'], Uint8Array | string]>): AsyncGenerator<OutputChunk> {
  for (const [stream, data] of all) {
    yield { stream, offset: 0, data: typeof data === 'string' ? Buffer.from(data) : data }
  }
}

async function eventsOf (
  source: AsyncIterable<OutputChunk>,
  request: OutputRequest = wanted(),
  job: Job | undefined = ended
): Promise<Event[]> {
  const end = async () => job !== undefined && isEnded(job.status) ? job : undefined
  return (await collect(outputEvents(source, request, end))).map(parse)
}

t.test('text is sent as it was written, with offsets and ids, and an end event with the outcome', async t => {
  t.strictSame(await eventsOf(chunks(['stdout', 'ab\n'], ['stdout', 'é"\r\n'])), [
    { event: 'output', id: '3', data: { stream: 'stdout', offset: 0, text: 'ab\n' } },
    { event: 'output', id: '8', data: { stream: 'stdout', offset: 3, text: 'é"\r\n' } },
    { event: 'end', id: 'end', data: { status: 'Finished', outcome: 'failed', exitCode: 3, reason: 'Exited' } }
  ])
})

t.test('for both streams an id holds both offsets; a mixed stream has one', async t => {
  const both = await eventsOf(
    chunks(['stdout', 'abc'], ['stderr', 'x'], ['stdout', 'd']),
    wanted({ stream: 'both', from: { stdout: 10, stderr: 20 } })
  )
  t.strictSame(
    both.map(({ id }) => id),
    ['13,20', '13,21', '14,21', 'end']
  )
  t.strictSame(
    both.slice(0, 3).map(({ data }) => data.offset),
    [10, 20, 13]
  )
  const mixed = await eventsOf(chunks(['mixed', 'abc']), wanted({ stream: 'both', from: { stdout: 5, stderr: 0 } }))
  t.strictSame(mixed[0], { event: 'output', id: '8', data: { stream: 'mixed', offset: 5, text: 'abc' } })
  t.strictSame(
    (await eventsOf(chunks(['stderr', 'ab']), wanted({ stream: 'stderr', from: { stdout: 0, stderr: 7 } })))[0]!.id,
    '9'
  )
})

t.test(
  'a job that has not ended has no end event, and an incomplete character waits for its rest',
  async t => {
    const bytes = Buffer.from('aé')
    t.strictSame(
      await eventsOf(
        chunks(['stdout', bytes.subarray(0, 2)]),
        wanted({ follow: false }),
        sampleJob({ status: 'Running' })
      ),
      [{ event: 'output', id: '1', data: { stream: 'stdout', offset: 0, text: 'a' } }]
    )
    t.strictSame(await eventsOf(chunks(), wanted(), sampleJob({ status: 'Running' })), [])
    t.strictSame(
      await collect(outputEvents(chunks(), wanted(), async () => undefined)),
      [],
      'a job that is gone has none either'
    )
    const stop = new AbortController()
    stop.abort()
    t.strictSame(await eventsOf(chunks(['stdout', 'x']), wanted({ signal: stop.signal })), [
      { event: 'output', id: '1', data: { stream: 'stdout', offset: 0, text: 'x' } }
    ])
  }
)

t.test('bytes that are not UTF-8 become replacement characters and count in the offsets', async t => {
  const events = await eventsOf(chunks(['stdout', Uint8Array.of(0xff, 0x61, 0xc3)]))
  t.strictSame(
    events.map(({ id, data }) => [id, data.text]),
    [
      ['2', '\uFFFDa'],
      ['3', '\uFFFD'],
      ['end', undefined]
    ]
  )
})

t.test('wherever text is cut into pieces, characters stay whole, and ids resume without loss or repeat', async () => {
  const text = fc
    .array(fc.constantFrom('a', '\n', 'é', '€', '😀', '\u0000', '\uFEFF', '"', 'ﬀ'), { minLength: 1, maxLength: 60 })
    .map(all => all.join(''))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (whole, sizes) => {
      const bytes = Buffer.from(whole)
      const cut = function (from: number): AsyncGenerator<OutputChunk> {
        const pieces: Array<['stdout', Uint8Array]> = []
        for (let at = from, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!) {
          pieces.push(['stdout', bytes.subarray(at, at + sizes[i % sizes.length]!)])
        }
        return chunks(...pieces)
      }
      const events = (await eventsOf(cut(0))).slice(0, -1)
      if (events.map(({ data }) => data.text).join('') !== whole) return false
      let seen = ''
      for (const { id, data } of events) {
        seen += data.text
        const from = Number(id)
        if (Buffer.byteLength(seen) !== from || data.offset !== from - Buffer.byteLength(data.text)) return false
        const rest = (await eventsOf(cut(from), wanted({ from: { stdout: from, stderr: 0 } }))).slice(0, -1)
        if (seen + rest.map(event => event.data.text).join('') !== whole) return false
      }
      return true
    }),
    { numRuns: 150 }
  )
})

t.test('the waiting tail is the incomplete character, and nothing of invalid ones', async t => {
  const cases: Array<[number[], number]> = [
    [[], 0],
    [[0x61], 0],
    [[0xc3], 1],
    [[0xc3, 0xa9], 0],
    [[0xe2, 0x82], 2],
    [[0xe2, 0x82, 0xac], 0],
    [[0xf0, 0x9f, 0x98], 3],
    [[0xf0, 0x9f, 0x98, 0x80], 0],
    [[0x80, 0x80, 0x80, 0x80], 0],
    [[0x61, 0xf0], 1],
    [[0xa9], 0]
  ]
  for (const [bytes, tail] of cases) t.equal(incompleteTail(Uint8Array.from(bytes)), tail, String(bytes))
})

t.test('the end event says where output is missing', async t => {
  const outputTruncated = { reason: 'LogRotated', message: 'm', offset: 7 } as const
  const job = sampleJob({ status: 'Finished', exitCode: 3, reason: 'Exited', outputTruncated })
  t.match(await eventsOf(chunks(), wanted(), job), [{ event: 'end', data: { outputTruncated } }])
})

t.test('an EventSource that has the event end gets 204, so it stops', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  await jobs.control(id, 'kill')
  const follow = async (last: object) =>
    await server.inject({ url: `/v1/jobs/${id}/output?follow=true`, headers: { accept: 'text/event-stream', ...last } })
  t.match((await follow({})).body, /event: end\nid: end\ndata: /)
  t.equal((await follow({ 'last-event-id': 'end' })).statusCode, 204)
  t.match((await follow({ 'last-event-id': '0,0' })).body, /event: end\n/, 'who lacks only the end gets it')
})
