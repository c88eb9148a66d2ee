import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

const BODY = '{"name":"n","command":"true"}'
const JSON_TYPE = 'Content-Type: application/json'

t.test('each message follows the rules of HTTP, or is refused as a problem and not carried out', async t => {
  const { server, jobs } = await scriptedApp(t)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const ask = async (bytes: string): Promise<{ status: number, code: string, field: string, detail: string }> => {
    const socket = connect(port, '127.0.0.1')
    socket.write(bytes)
    const [head, body] = (await text(socket)).split('\r\n\r\n')
    t.match(head, /content-type: application\/problem\+json/, bytes)
    return JSON.parse(body!)
  }
  const post = (...fields: string[]) => ask([
    'POST /v1/jobs HTTP/1.1', ...fields, 'Connection: close', `Content-Length: ${BODY.length}`, '', BODY
  ].join('\r\n'))
  const unsupported = { status: 415, code: 'UnsupportedMediaType' }

  t.match(await post(JSON_TYPE), { status: 400, field: 'host', detail: 'The request has no Host.' })
  t.match(await post(JSON_TYPE, 'Host: a', 'Host: b'), { status: 400, field: 'host', detail: /more than one/ })
  t.match(await post('Host: a', 'Content-Type: text/plain'), unsupported)
  t.match(await post('Host: a'), unsupported)
  t.match(await post('Host: a', `${JSON_TYPE}; charset=utf-16`), { ...unsupported, field: 'content-type' })
  t.match(await post('Host: a', JSON_TYPE, 'Content-Encoding: gzip'), { ...unsupported, field: 'content-encoding' })
  t.match(
    await post('Host: a', JSON_TYPE, 'Expect: bogus'),
    { status: 417, code: 'ExpectationFailed', field: 'expect', detail: 'The expectation bogus is not known.' }
  )
  t.match(
    await ask(`POST /v1/jobs HTTP/1.1\r\nHost: a\r\n${JSON_TYPE}\r\nConnection: close\r\n` +
      `Transfer-Encoding: gzip, chunked\r\n\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`),
    { status: 501, code: 'NotImplemented', field: 'transfer-encoding' }
  )
  t.match(
    await ask('QUERY /v1/clusters HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    { status: 405, code: 'MethodNotAllowed' }
  )
  t.strictSame(jobs.list({}, 10, undefined, { withSubmission: false }), [])
  t.equal((await server.inject({
    method: 'POST', url: '/v1/jobs', body: BODY, headers: { 'content-type': 'application/json; charset="UTF-8"' }
  })).statusCode, 201)
})

t.test('a request without Host is answered if it is HTTP/1.0', async t => {
  const { server } = await scriptedApp(t)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET /health/live HTTP/1.0\r\n\r\n')
  t.match(await text(socket), /^HTTP\/1\.1 200 /)
})
