import { once } from 'node:events'
import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { json, tinyServer } from './tiny-server.ts'

t.test('a call sends query, body and credentials', async t => {
  const { client, requests } = await tinyServer(t, async (request, reply) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    json(reply, 200, { body, type: request.headers['content-type'], by: request.headers.authorization })
  })
  t.strictSame(
    await client.call({
      method: 'PATCH',
      path: '/x',
      query: { limit: 0, watch: false, continue: undefined, labelSelector: 'a=b,c' },
      body: { a: 1 },
      contentType: 'application/merge-patch+json'
    }),
    { body: '{"a":1}', type: 'application/merge-patch+json', by: 'Bearer 1' }
  )
  t.strictSame(requests, ['PATCH /x?limit=0&watch=false&labelSelector=a%3Db%2Cc'])
})

t.test('a 429 is retried after the Retry-After time and counted', async t => {
  let busy = 2
  const { client, requests, counts } = await tinyServer(t, (_request, reply) => {
    if (busy-- > 0) json(reply, 429, {}, { 'retry-after': '0' })
    else json(reply, 200, { done: true })
  })
  t.strictSame(await client.call({ method: 'POST', path: '/x', body: {} }), { done: true })
  t.equal(requests.length, 3)
  t.equal(counts.throttled, 2)
})

t.test('a retry whose wait would exceed the deadline is not attempted', async t => {
  const { client, requests } = await tinyServer(t, (_request, reply) => json(reply, 429, {}, { 'retry-after': '50' }))
  await t.rejects(client.call({ method: 'GET', path: '/x' }), {
    name: 'KubeApiError',
    status: 429,
    retryAfterMs: 50_000
  })
  t.equal(requests.length, 1)
})

t.test('a call with noRetry is sent once', async t => {
  const { client, requests } = await tinyServer(t, (_request, reply) => json(reply, 500, {}))
  await t.rejects(client.call({ method: 'GET', path: '/x', noRetry: true }), { name: 'KubeApiError', status: 500 })
  t.equal(requests.length, 1)
})

t.test('a 500 is retried for a DELETE but not for a POST', async t => {
  let failing = 1
  const { client, requests } = await tinyServer(t, (_request, reply) => {
    if (failing-- > 0) json(reply, 500, { kind: 'Status', message: 'etcd is away' })
    else json(reply, 200, {})
  })
  await client.call({ method: 'DELETE', path: '/x' })
  t.equal(requests.length, 2)
  failing = 1
  await t.rejects(client.call({ method: 'POST', path: '/x', body: {} }), {
    name: 'KubeApiError',
    status: 500,
    serverMessage: 'etcd is away'
  })
  t.equal(requests.length, 3)
})

t.test('a POST whose connection is cut after it was sent is not retried', async t => {
  const { client, requests } = await tinyServer(t, request => request.socket.destroy())
  await t.rejects(client.call({ method: 'POST', path: '/x', body: {} }), { name: 'NoAnswerError', sent: true })
  t.equal(requests.length, 1)
})

t.test('rejected credentials are refreshed once per call', async t => {
  const { client, counts } = await tinyServer(t, (request, reply) =>
    json(reply, request.headers.authorization === 'Bearer 2' ? 200 : 401, { by: request.headers.authorization })
  )
  t.strictSame(await client.call({ method: 'POST', path: '/x', body: {} }), { by: 'Bearer 2' })
  t.equal(counts.refreshed, 1)
  const { client: other, counts: others } = await tinyServer(t, (_request, reply) => json(reply, 401, {}))
  await t.rejects(other.call({ method: 'GET', path: '/x' }), { name: 'KubeApiError', status: 401 })
  await t.rejects(
    (async () => {
      for await (const chunk of other.open('watch', { path: '/x', signal: new AbortController().signal })) {
        t.fail(String(chunk))
      }
    })(),
    { name: 'KubeApiError', status: 401 }
  )
  t.equal(others.refreshed, 2)
})

t.test(
  'rejected credentials whose file cannot be read are a NoAnswerError, not an error of the caller',
  async t => {
    const refreshError = new LauncherError('FileNotReadable', 'Cannot read /token: ENOENT.')
    const { client } = await tinyServer(t, (_request, reply) => json(reply, 401, {}), { refreshError })
    const expected = {
      name: 'NoAnswerError',
      reason: 'credentials',
      sent: false,
      message: /rejected the credentials, and no others are available: Cannot read \/token: ENOENT\./
    }
    await t.rejects(client.call({ method: 'POST', path: '/x', body: {} }), expected)
    await t.rejects(
      (async () => {
        for await (const chunk of client.open('watch', { path: '/x', signal: new AbortController().signal })) {
          t.fail(String(chunk))
        }
      })(),
      expected
    )
  }
)

t.test('a reply that is not JSON is the error NotJson', async t => {
  const { client } = await tinyServer(t, (_request, reply) => reply.end('<html>log in</html>'))
  await t.rejects(client.call({ method: 'GET', path: '/x' }), { name: 'KubeApiError', reason: 'NotJson' })
})

t.test('streams use connections of their own, and a returned stream frees one', async t => {
  let open = 0
  const { client } = await tinyServer(t, (request, reply) => {
    if (request.url === '/call') return json(reply, 200, {})
    open += 1
    request.socket.once('close', () => { open -= 1 })
    reply.flushHeaders()
  })
  const stop = new AbortController()
  const streams = Array.from({ length: 301 }, () => client.open('stream', { path: '/log', signal: stop.signal }))
  const first = streams.map(stream => stream.next())
  await Promise.all(first.slice(0, 300))
  t.equal(open, 300)
  await client.call({ method: 'GET', path: '/call', deadlineMs: 10_000 })
  await streams[7]!.return()
  await first[300]
  t.pass('the last stream got the freed connection')
  const ends = streams.map(stream => stream.next())
  stop.abort()
  t.ok((await Promise.allSettled(ends)).every(({ status }, index) => status === 'rejected' || index === 7))
})

t.test('the error of a stream that cannot be opened names the server', async t => {
  const { client } = await tinyServer(t, request => request.socket.destroy())
  await t.rejects(
    (async () => {
      for await (const chunk of client.open('watch', { path: '/x', signal: new AbortController().signal })) {
        t.fail(String(chunk))
      }
    })(),
    { name: 'NoAnswerError', message: /^The API server http:\/\/127\.0\.0\.1:\d+ did not answer GET \/x: / }
  )
})

t.test('a stream yields an empty chunk once established, then its bytes, and throws when it is cut', async t => {
  const { client } = await tinyServer(t, async (request, reply) => {
    reply.flushHeaders()
    await once(request, 'close').catch(() => {})
  })
  const stream = client.open('watch', { path: '/x', signal: new AbortController().signal })
  t.equal((await stream.next()).value?.length, 0)
  const { client: cut } = await tinyServer(t, (request, reply) => reply.write('half', () => request.socket.destroy()))
  const chunks: string[] = []
  await t.rejects(
    (async () => {
      for await (const chunk of cut.open('watch', { path: '/x', signal: new AbortController().signal })) {
        chunks.push(String(chunk))
      }
    })(),
    { name: 'NoAnswerError', reason: 'UND_ERR_SOCKET' }
  )
  t.strictSame(chunks, ['', 'half'])
  await stream.return()
})

t.test('writes keep their order and the limit in every second, and reads do not wait', async t => {
  const arrivals: Array<[path: string, at: number]> = []
  const { client } = await tinyServer(t, ({ url, method }, reply) => {
    if (method === 'POST') arrivals.push([url!, performance.now()])
    json(reply, url === '/3' ? 422 : 200, { url })
  }, { writesPerSecond: 2 })
  const write = (path: number) => client.call<{ url: string }>({ method: 'POST', path: `/${path}` })
  const writes = [1, 2, 3].map(write)
  t.match(await client.call({ method: 'GET', path: '/read' }), { url: '/read' })
  t.ok(arrivals.length <= 2, 'a read does not wait for the writes')
  const [first, second, third] = await Promise.allSettled(writes)
  t.match([first, second], [{ value: { url: '/1' } }, { value: { url: '/2' } }])
  t.match(third, { reason: { status: 422 } }, 'each caller gets its own result')
  t.strictSame(arrivals.map(([path]) => path), ['/1', '/2', '/3'])
  t.ok(arrivals[2]![1] - arrivals[0]![1] >= 950, 'the third comes a second after the first')
})
