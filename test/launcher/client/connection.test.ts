import t from 'tap'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { createClient } from '../../../launcher/client/client.ts'
import { connect } from '../../../launcher/client/connection.ts'
import { collect } from '../../fixtures/collect.ts'
import { bodyOf, stubLauncher } from '../../fixtures/stub-launcher.ts'

t.test('a call carries method, query, body, user and key', async t => {
  const folder = t.testdir({ key: 'secret\n' })
  const { address } = await stubLauncher(t, async (request, response) => {
    const { method, url, headers } = request
    response.end(
      JSON.stringify({
        method,
        url,
        body: await bodyOf(request),
        user: headers['x-launcher-user'],
        key: headers.authorization,
        type: headers['content-type']
      })
    )
  })
  const connection = connect({ address, user: 'ann', keyFile: `${folder}/key` })
  t.teardown(connection.close)
  t.same(
    await connection.json({
      method: 'POST',
      path: '/v1/jobs',
      query: { tag: ['a', 'b c'], none: undefined },
      body: { name: 'x' }
    }),
    {
      method: 'POST',
      url: '/v1/jobs?tag=a&tag=b%20c',
      body: { name: 'x' },
      user: 'ann',
      key: 'Bearer secret',
      type: 'application/json'
    }
  )
})

t.test('a launcher on a TCP port is reached, and an empty reply is undefined', async t => {
  const server = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const connection = connect({ address: `127.0.0.1:${(server.address() as AddressInfo).port}` })
  t.teardown(connection.close)
  t.equal(await connection.json({ path: '/' }), undefined)
})

t.test('a read whose connection was closed without a reply is sent again, and a submission is not', async t => {
  let calls = 0
  const { address } = await stubLauncher(t, (request, response) => {
    calls++
    if (calls < 3 || request.method === 'POST') request.socket.destroy()
    else response.end('{"id":"x"}')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  t.same(await connection.json({ path: '/v1/jobs/x' }), { id: 'x' })
  t.equal(calls, 3)
  await t.rejects(connection.json({ method: 'POST', path: '/v1/jobs', body: {} }), { code: 'LauncherUnreachable' })
  t.equal(calls, 4)
})

t.test('a call that can be sent twice is sent again if its connection was closed, too', async t => {
  let calls = 0
  const { address } = await stubLauncher(t, (request, response) => {
    calls++
    if (calls % 2 === 1) request.socket.destroy()
    else response.end('{"id":"x"}')
  })
  const client = createClient({ address })
  t.teardown(client.close)
  const submission = { name: 'x', command: 'true' }
  for (const call of [
    () => client.explain(submission), () => client.submit(submission, { dryRun: true }),
    () => client.submit(submission, { idempotencyKey: 'k' }), () => client.ensure('k', submission),
    () => client.stopByKey('k')
  ]) t.same(await call(), { id: 'x' })
  t.equal(calls, 10)
  await t.rejects(client.submit(submission), { code: 'LauncherUnreachable' })
})

t.test('a problem is thrown, from json and from stream', async t => {
  const { address } = await stubLauncher(t, (_, response) => {
    response
      .writeHead(404, { 'content-type': 'application/problem+json' })
      .end('{"code":"JobNotFound","detail":"There is no job x."}')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  await t.rejects(connection.json({ path: '/' }), { code: 'JobNotFound', message: 'There is no job x.' })
  await t.rejects(collect(connection.stream({ path: '/' }, () => t.fail('it was not opened'))), { code: 'JobNotFound' })
})

t.test('a socket that does not exist, or on which nothing listens, gives one helpful sentence', async t => {
  const folder = dirname((await stubLauncher(t, () => {})).address)
  await writeFile(join(folder, 'file'), '')
  for (const [name, why] of [['none', 'the socket does not exist'], ['file', 'nothing is listening']] as const) {
    const address = join(folder, name)
    const connection = connect({ address })
    await t.rejects(connection.json({ path: '/' }), {
      code: 'LauncherUnreachable',
      message: `no launcher answers at ${address}: ${why}`
    })
    await connection.close()
  }
})

t.test('a reply that is not JSON did not come from a launcher', async t => {
  const { address } = await stubLauncher(t, (_, response) => response.end('<html>'))
  const connection = connect({ address })
  t.teardown(connection.close)
  await t.rejects(connection.json({ path: '/v1/jobs' }), {
    code: 'LauncherUnreachable',
    message: 'the server that answered GET /v1/jobs is not a launcher: HTTP status 200, "<html>"'
  })
})

t.test('a stream that is cut is LauncherUnreachable, one that is aborted stays an AbortError', async t => {
  const { address } = await stubLauncher(t, (request, response) => {
    response.write('begin')
    if (request.url === '/cut') setImmediate(() => response.destroy())
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  await t.rejects(collect(connection.stream({ path: '/cut' })), {
    code: 'LauncherUnreachable',
    message: /the connection failed/
  })

  const abort = new AbortController()
  await t.rejects(async () => {
    for await (const piece of connection.stream({ path: '/long', signal: abort.signal })) {
      t.equal(Buffer.from(piece).toString(), 'begin')
      abort.abort()
    }
  }, { name: 'AbortError' })
})

t.test('a key file that cannot be read is named', async t => {
  t.throws(() => connect({ address: '127.0.0.1:1', keyFile: '/nowhere/key' }), {
    code: 'FileNotReadable',
    message: /\/nowhere\/key/
  })
})

t.test('a call that the launcher cannot answer before adoption is repeated, unless its caller does that', async t => {
  let calls = 0
  const { address } = await stubLauncher(t, (_, response) => {
    calls++
    if (calls % 3 === 0) response.end('{"id":"x"}')
    else response.writeHead(503).end('{"code":"AdoptionIncomplete","detail":"wait","retryAfterSeconds":0.01}')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  t.same(await connection.json({ method: 'POST', path: '/v1/jobs/x/control', body: {} }), { id: 'x' })
  t.equal(calls, 3)
  await t.rejects(connection.json({ path: '/v1/jobs/x', repeated: true }), { code: 'AdoptionIncomplete' })
  t.equal(calls, 4)
})

t.test('a call waits for a launcher that stops, unless it may have created a job', async t => {
  let calls = 0
  const { address } = await stubLauncher(t, (_, response) => {
    calls++
    if (calls === 2) response.end('{"id":"x"}')
    else response.writeHead(503).end('{"code":"ShuttingDown","detail":"stopping","retryAfterSeconds":0.01}')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  t.same(await connection.json({ path: '/v1/jobs/x' }), { id: 'x' })
  await t.rejects(connection.json({ method: 'POST', path: '/v1/jobs', body: {} }), { code: 'ShuttingDown' })
  t.equal(calls, 3)
})
