import type { RequestListener } from 'node:http'
import t from 'tap'
import { watch, type WatchEvent } from '../../../../plugins/kubernetes/client/watch.ts'
import { tinyServer } from './tiny-server.ts'

const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`
const pod = (name: string, version = '7') => ({ metadata: { name, uid: name, resourceVersion: version } })

async function read (t: Parameters<typeof tinyServer>[0], answer: RequestListener, idleTimeoutMs = 60_000) {
  const { client, requests } = await tinyServer(t, answer)
  const events: WatchEvent[] = []
  const done = (async () => {
    for await (const batch of watch(client, {
      path: '/pods',
      query: { labelSelector: 'a=b' },
      resourceVersion: '5',
      seconds: 300,
      idleTimeoutMs,
      signal: new AbortController().signal
    })) { events.push(...batch) }
  })()
  return { done, events, requests }
}

t.test('events do not depend on the chunk boundaries, and the watch returns when the server ends it', async t => {
  const { done, events, requests } = await read(t, (_request, reply) => {
    const text =
      event('ADDED', pod('ä')) +
      event('MODIFIED', pod('b')) +
      event('DELETED', pod('c')) +
      event('BOOKMARK', { metadata: { resourceVersion: '9' } })
    const bytes = Buffer.from(text)
    const next = (at: number): void => {
      if (at >= bytes.length) reply.end()
      else reply.write(bytes.subarray(at, at + 11), () => setImmediate(next, at + 11))
    }
    next(0)
  })
  await done
  t.strictSame(
    events.map(({ type, object }) => [type, object.metadata?.name]),
    [
      ['ADDED', 'ä'],
      ['MODIFIED', 'b'],
      ['DELETED', 'c'],
      ['BOOKMARK', undefined]
    ]
  )
  t.strictSame(requests, [
    'GET /pods?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300'
  ])
})

t.test('an ERROR event throws a KubeApiError with its status', async t => {
  const { done } = await read(t, (_request, reply) => {
    reply.end(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }))
  })
  await t.rejects(done, { name: 'KubeApiError', status: 410, reason: 'Expired' })
})

t.test('a connection cut inside an event yields the events before it, then throws', async t => {
  const { done, events } = await read(t, (request, reply) =>
    reply.write(event('ADDED', pod('a')) + '{"type":"ADD', () => request.socket.destroy())
  )
  await t.rejects(done, { name: 'NoAnswerError' })
  t.equal(events.length, 1)
})

t.test('an idle connection fails with reason silence', async t => {
  const { done, events } = await read(t, (_request, reply) => { reply.write(event('ADDED', pod('a'))) }, 1000)
  await t.rejects(done, { name: 'NoAnswerError', reason: 'silence' })
  t.equal(events.length, 1)
})

t.test('a server that never answers fails with reason silence', async t => {
  const { done } = await read(t, () => {}, 50)
  await t.rejects(done, { name: 'NoAnswerError', reason: 'silence' })
})

t.test('a line that is not an event throws NotAnEvent', async t => {
  for (const line of [
    'nonsense',
    '{}',
    'null',
    '{"type":"CHANGED"}',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":[]}'
  ]) {
    const { done } = await read(t, (_request, reply) => {
      reply.end(`${line}\n`)
    })
    await t.rejects(done, { name: 'KubeApiError', reason: 'NotAnEvent' }, line)
  }
})
