// A server with a certificate that records what a client of an API server sends: headers, certificate and host name.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type tap from 'tap'
import { selfSigned } from '../fixtures/self-signed.ts'

export interface Recorded {
  readonly path: string | undefined
  /** Authorization and the headers of impersonation, each value by itself. */
  readonly headers: readonly string[]
  /** The name in the certificate of the client. */
  readonly certificate: string | undefined
  readonly servername: string | false | undefined
}

export interface RequestRecorder {
  /** A folder with own.crt and own.key, the certificate for kube.example and 127.0.0.1, and its key. */
  readonly folder: string
  readonly port: number
  readonly plainPort: number
  /** The requests since the last call of this function. */
  take (): Recorded[]
}

const OF_USER = /^(?:authorization|impersonate-)/i

export async function requestRecorder (
  t: Pick<typeof tap, 'teardown'>, folder: string
): Promise<RequestRecorder> {
  const files = selfSigned(folder, 'DNS:kube.example,IP:127.0.0.1')
  const [cert, key] = [readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8')]
  let recorded: Recorded[] = []
  const answer = (request: IncomingMessage, reply: ServerResponse): void => {
    const socket = request.socket as Partial<TLSSocket>
    const pairs = Array.from({ length: request.rawHeaders.length / 2 }, (_, index) =>
      [request.rawHeaders[2 * index]!, request.rawHeaders[2 * index + 1]!] as const)
    recorded.push({
      path: request.url,
      headers: pairs
        .filter(([name]) => OF_USER.test(name))
        .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
        .sort(),
      certificate: socket.getPeerCertificate?.().subject?.CN as string | undefined,
      servername: socket.servername ?? undefined
    })
    reply.setHeader('content-type', 'application/json').end('{"kind":"Status","apiVersion":"v1"}')
  }
  const servers = [
    createHttps({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: false }, answer),
    createHttp(answer)
  ]
  const ports: number[] = []
  for (const server of servers) {
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    ports.push((server.address() as AddressInfo).port)
  }
  t.teardown(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })
  const [port, plainPort] = ports as [number, number]
  return {
    folder,
    port,
    plainPort,
    take () {
      const taken = recorded
      recorded = []
      return taken
    }
  }
}
