import t from 'tap'
import { createClient } from '../../../launcher/client/client.ts'
import { bodyOf, stubLauncher } from '../../fixtures/stub-launcher.ts'

t.test('each function makes its call', async t => {
  const calls: string[] = []
  const { address } = await stubLauncher(t, async (request, response) => {
    const body = request.method === 'POST' ? ` ${JSON.stringify(await bodyOf(request))}` : ''
    const key = request.headers['idempotency-key'] === undefined ? '' : ` key ${request.headers['idempotency-key']}`
    calls.push(`${request.method} ${request.url}${body}${key}`)
    response.end(request.url === '/v1/clusters' ? '{"clusters":[{"name":"Local","type":"Local"}]}' : '{"id":"x"}')
  })
  const client = createClient({ address })
  t.teardown(client.close)
  await client.submit({ name: 'a' }, { idempotencyKey: 'k', dryRun: true })
  await client.submit({ name: 'b' })
  await client.submitArray({ name: 'd' }, 3, { idempotencyKey: 'k' })
  await client.explain({ name: 'c' })
  await client.get('x/y')
  await client.control('x', 'stop')
  await client.controlMatching('kill', { tag: ['a', 'b'] })
  await client.controlMatching('kill', {})
  await client.controlMatching('kill', 'all')
  await client.summary({ user: 'ann' })
  await client.remove('x')
  await client.network('x')
  t.same(await client.clusters(), [{ name: 'Local', type: 'Local' }])
  await client.cluster('Local')
  await client.readiness()
  t.same(calls, [
    'POST /v1/jobs?dryRun=true {"name":"a"} key k',
    'POST /v1/jobs {"name":"b"}',
    'POST /v1/jobs {"name":"d","count":3} key k',
    'POST /v1/explain {"name":"c"}',
    'GET /v1/jobs/x%2Fy',
    'POST /v1/jobs/x/control {"operation":"stop"}',
    'POST /v1/jobs/control?tag=a&tag=b {"operation":"kill"}',
    'POST /v1/jobs/control {"operation":"kill"}',
    'POST /v1/jobs/control {"operation":"kill","all":true}',
    'GET /v1/jobs/summary?user=ann',
    'DELETE /v1/jobs/x',
    'GET /v1/jobs/x/network',
    'GET /v1/clusters',
    'GET /v1/clusters/Local',
    'GET /health/ready'
  ])
})

t.test('a list fetches further pages only when they are requested', async t => {
  const asked: string[] = []
  const { address } = await stubLauncher(t, (request, response) => {
    asked.push(request.url!)
    response.end(
      JSON.stringify(
        asked.length === 1 ? { jobs: [{ id: 'c' }, { id: 'b' }], nextCursor: 'n' } : { jobs: [{ id: 'a' }] }
      )
    )
  })
  const client = createClient({ address })
  t.teardown(client.close)
  const ids: string[] = []
  for await (const job of client.list({ status: ['Running'] })) {
    ids.push(job.id)
    if (job.id === 'c') t.equal(asked.length, 1)
  }
  t.same(ids, ['c', 'b', 'a'])
  t.same(asked, ['/v1/jobs?status=Running', '/v1/jobs?status=Running&cursor=n'])
})

t.test('a list returns whether every page is complete, and the event id of the first', async t => {
  const pages = [
    [{ jobs: [], complete: true, lastEventId: 'a-1' }],
    [
      { jobs: [], complete: false, lastEventId: 'a-1', nextCursor: 'n' },
      { jobs: [], complete: true, lastEventId: 'a-2' }
    ]
  ]
  for (const [index, replies] of pages.entries()) {
    const { address } = await stubLauncher(t, (_, response) => response.end(JSON.stringify(replies.shift())))
    const client = createClient({ address })
    t.teardown(client.close)
    t.strictSame(await client.list().next(), { done: true, value: { complete: index === 0, lastEventId: 'a-1' } })
  }
})

t.test('waiting for the end gives the job with its final status', async t => {
  const { address } = await stubLauncher(t, (_, response) => {
    response.end(
      'event: job\nid: 1\ndata: {"status":"Running"}\n\nevent: job\nid: 2\ndata: {"status":"Finished","exitCode":3}\n\n'
    )
  })
  const client = createClient({ address })
  t.teardown(client.close)
  t.same(await client.ended('x'), { status: 'Finished', exitCode: 3 })
})

t.test('waiting for readiness gives the job once it is ready, and ends if it is removed before', async t => {
  const job = (fields: string) =>
    `event: job\nid: 1\ndata: {"status":"Running","exposedPorts":[{"ready":{"tcp":true}}]${fields}}\n\n`
  const streams = [job('') + job(',"readyTime":"t"') + job(',"reason":"x"'), job(''), job('')]
  const { address } = await stubLauncher(t, (_, response) => {
    const removed = 'event: removed\nid: a-4\ndata: {"id":"x","why":"deleted"}\n\n'
    response.end(streams.shift()! + removed)
  })
  const client = createClient({ address })
  t.teardown(client.close)
  t.match(await client.ready('x'), { readyTime: 't', reason: undefined })
  await t.rejects(client.ready('x'), { code: 'JobNotFound', message: /before it was ready/ })
  await t.rejects(client.ready('x', AbortSignal.abort()), { name: 'AbortError' })
})

t.test('waiting for the end can be aborted', async t => {
  const abort = new AbortController()
  const { address } = await stubLauncher(t, (_, response) => {
    response.write('event: job\nid: 1\ndata: {"status":"Running"}\n\n', () => setImmediate(() => abort.abort()))
  })
  const client = createClient({ address })
  t.teardown(client.close)
  await t.rejects(client.ended('x', abort.signal), { name: 'AbortError' })
})

t.test('a launcher that is not ready is an answer, not an error', async t => {
  const readiness = {
    ready: false,
    adopted: true,
    clusters: [{ name: 'Local', ready: false, message: 'no' }],
    disk: { full: false, freeBytes: 1 }
  }
  const { address } = await stubLauncher(t, (_, response) => response.writeHead(503).end(JSON.stringify(readiness)))
  const client = createClient({ address })
  t.teardown(client.close)
  t.same(await client.readiness(), readiness)
})
