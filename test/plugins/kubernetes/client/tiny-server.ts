// An HTTP server for one test that simulates what a real API server cannot be made to do.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import type tap from 'tap'
import { createKubeClient, type ClientOptions, type KubeClient } from '../../../../plugins/kubernetes/client/client.ts'
import type { Credentials } from '../../../../plugins/kubernetes/client/credentials.ts'
import type { Access } from '../../../../plugins/kubernetes/client/access.ts'

export interface TinyServer {
  readonly client: KubeClient
  /** Its URL. */
  readonly url: string
  /** Method and path of each request. */
  readonly requests: string[]
  readonly counts: { throttled: number, refreshed: number }
}

/** `refreshError`: thrown by a refresh of the credentials. */
export async function tinyServer (
  t: Pick<typeof tap, 'teardown'>,
  answer: RequestListener,
  { refreshError, ...options }: ClientOptions & { refreshError?: Error } = {}
): Promise<TinyServer> {
  const requests: string[] = []
  const counts = { throttled: 0, refreshed: 0 }
  const server = createServer((request, reply) => {
    requests.push(`${request.method} ${request.url}`)
    answer(request, reply)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  let token = 1
  const access = (): Access => ({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers: { authorization: `Bearer ${token}` },
    tls: { rejectUnauthorized: true }
  })
  const credentials: Credentials = {
    access: async () => access(),
    async refresh () {
      if (refreshError !== undefined) throw refreshError
      counts.refreshed += 1
      token += 1
      return access()
    }
  }
  const metrics = { throttled () { counts.throttled += 1 } }
  const client = createKubeClient(credentials, pino({ level: 'silent' }), metrics, options)
  t.teardown(async () => {
    await client.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { client, url: access().server, requests, counts }
}

/** Sends JSON. */
export function json (
  reply: Parameters<RequestListener>[1],
  status: number,
  value: unknown,
  headers: Record<string, string> = {}
): void {
  reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}
