import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { malformed } from '../../../launcher/http/malformed.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

async function listening (t: Test): Promise<(bytes: string) => Promise<string>> {
  const { server } = await scriptedApp(t)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return async bytes => {
    const socket = connect(port, '127.0.0.1')
    socket.write(bytes)
    return await text(socket)
  }
}

t.test('what the HTTP parser refuses gets a status and words of its own, as a problem', async t => {
  const reply = await listening(t)
  const cases: ReadonlyArray<[string, string, number, string]> = [
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'InvalidRequest'],
    ['a long query', `GET /v1/jobs?tag=${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, 'PathTooLong'],
    ['a long field', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'HeadersTooLarge'],
    ['an unknown method', 'FOO /v1/jobs HTTP/1.1\r\nHost: a\r\n\r\n', 501, 'NotImplemented'],
    ['a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 501, 'NotImplemented'],
    ['a tunnel with a body', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx', 501, 'NotImplemented']
  ]
  for (const [what, bytes, status, code] of cases) {
    const [head, body] = (await reply(bytes)).split('\r\n\r\n')
    t.match(head, new RegExp(`^HTTP/1\\.1 ${status} [A-Z].*\r\ncontent-type: application/problem\\+json\r\n`), what)
    const problem = JSON.parse(body!)
    t.match(problem, { status, code }, what)
    t.notMatch(problem.help, /field named/, what)
  }
})

t.test('a request that does not arrive in time is incomplete', async t => {
  t.match(malformed(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })), {
    code: 'RequestIncomplete', kind: { status: 408 }
  })
})
