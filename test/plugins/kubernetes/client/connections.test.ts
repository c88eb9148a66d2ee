import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { request } from 'undici'
import { createConnections, type Connections } from '../../../../plugins/kubernetes/client/connections.ts'

// Seen on 22.23.3: ERR_TLS_CERT_ALTNAME_INVALID for a certificate that names ::1.
const noIpv6Names = process.versions.node.startsWith('22.')
  ? 'Node 22 does not match IPv6 addresses with those of a certificate'
  : false

t.test(
  'a server at an IPv6 address is reached, its certificate is verified, and the client certificate is sent',
  { skip: noIpv6Names },
  async t => {
    const folder = t.testdir({})
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=x',
        '-addext',
        'subjectAltName=IP:::1',
        '-keyout',
        join(folder, 'key'),
        '-out',
        join(folder, 'cert')
      ],
      { stdio: 'ignore' }
    )
    const [cert, key] = [readFileSync(join(folder, 'cert'), 'utf8'), readFileSync(join(folder, 'key'), 'utf8')]
    const server = createServer(
      { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false },
      (request, reply) => {
        reply.end(String((request.socket as unknown as { authorized: boolean }).authorized))
      }
    ).listen(0, '::1')
    await once(server, 'listening')
    t.teardown(() => new Promise(resolve => server.close(resolve)))
    const url = `https://[::1]:${(server.address() as AddressInfo).port}`
    const get = async (dispatchers: Connections): Promise<string> => {
      try {
        return await (await request(url, { dispatcher: dispatchers.call })).body.text()
      } finally {
        await dispatchers.destroy()
      }
    }
    t.equal(await get(createConnections({ tls: { ca: cert, cert, key, rejectUnauthorized: true } })), 'true')
    t.equal(await get(createConnections({ tls: { rejectUnauthorized: false } })), 'false')
    await t.rejects(get(createConnections({ tls: { rejectUnauthorized: true } })), {
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT'
    })
    await t.rejects(get(createConnections({ tls: { ca: cert, rejectUnauthorized: true, servername: 'other' } })), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID'
    })
    await t.rejects(
      get(createConnections({ tls: { ca: cert, cert, key: 'no key', rejectUnauthorized: true } })),
      /PEM|DECODER/,
      'an invalid key fails the first request'
    )
  }
)

t.test('a request in progress when the connections retire completes', async t => {
  const { createServer } = await import('node:http')
  const server = createServer((_request, reply) => { reply.write('a') }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const waiting = once(server, 'request') as Promise<[unknown, { end: (text: string) => void }]>
  const dispatchers = createConnections({ tls: { rejectUnauthorized: true } })
  const { body } = await request(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    dispatcher: dispatchers.watch
  })
  dispatchers.retire()
  ;(await waiting)[1].end('b')
  t.equal(await body.text(), 'ab')
  await dispatchers.destroy()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})
