// The connections to an API server, in three pools: streams that last for hours never delay a call.

import { createSecureContext, type SecureContext } from 'node:tls'
import { Agent, type Dispatcher } from 'undici'
import type { Access, Tls } from './access.ts'
import { createTunnelConnector } from './proxy-tunnel.ts'

export interface Connections {
  /** Short calls: few connections, kept alive between calls. */
  readonly call: Dispatcher
  /** Watches. Their reader has its own idle timeout. */
  readonly watch: Dispatcher
  /**
   * Log streams: one connection per stream. Without a headers timeout, because a log without a line yet sends no
   * headers.
   */
  readonly stream: Dispatcher
  /** Closes the pools once their current requests have ended. */
  retire (): void
  destroy (): Promise<void>
}

const CALL_CONNECTIONS = 32
const CONNECT_TIMEOUT_MS = 10_000
const HEADERS_TIMEOUT_MS = 30_000
// Shorter than the 90 s after which the API server closes an idle connection, so the client closes it first.
const KEEP_ALIVE_MS = 60_000

/**
 * HTTP/1.1 on purpose: it was measured to be as fast here as HTTP/2. A server that sheds connections
 * (--goaway-chance) closes them at the end of a reply instead of in the middle of a request.
 */
export function createConnections ({ tls, proxy }: Pick<Access, 'tls' | 'proxy'>): Connections {
  const connect = {
    ...tls,
    ...sharedContext(tls),
    allowH2: false,
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: 30_000
  }
  const common = {
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connect: proxy === undefined ? connect : createTunnelConnector(proxy, tls, connect)
  }
  const call = new Agent({ ...common, connections: CALL_CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 })
  const watch = new Agent({ ...common, headersTimeout: HEADERS_TIMEOUT_MS, bodyTimeout: 0 })
  const stream = new Agent({ ...common, headersTimeout: 0, bodyTimeout: 0 })
  const all = [call, watch, stream]
  return {
    call,
    watch,
    stream,
    retire () {
      for (const agent of all) agent.close().catch(() => {})
    },
    async destroy () {
      await Promise.all(all.map(agent => agent.destroy()))
    }
  }
}

/** One context for all connections: creating one for each is a third of the cost of a connection. */
function sharedContext (tls: Tls): { secureContext?: SecureContext } {
  try {
    return { secureContext: createSecureContext(tls) }
  } catch {
    // The first connection fails with the error of the certificates.
    return {}
  }
}
