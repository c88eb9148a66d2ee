// An image registry without images: it replies 404, or never replies.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type tap from 'tap'

export interface SlowRegistry {
  /** Image that the registry does not have. */
  readonly absent: string
  /** Image for which the registry never replies. */
  readonly slow: string
}

/** Listens on this machine only. Nodes on other machines get no reply. */
export async function slowRegistry (t: Pick<typeof tap, 'teardown'>): Promise<SlowRegistry> {
  const server = createServer((request, reply) => {
    if (request.url!.startsWith('/v2/slow/')) return
    reply.writeHead(404, { 'content-type': 'application/json' })
    reply.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { absent: `${host}/absent/report:1`, slow: `${host}/slow/report:1` }
}
