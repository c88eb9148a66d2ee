// The connections to an API server: three sets, so that streams that last for hours never hold up a call.

import { createSecureContext, type SecureContext } from 'node:tls'
import { Agent, type Dispatcher } from 'undici'
import type { Tls } from './access.ts'

export interface Connections {
  /** Short calls: few connections, kept alive. */
  readonly call: Dispatcher
  /** Watches: silence is judged by whoever reads them. */
  readonly watch: Dispatcher
  /** Log streams: as many connections as there are streams; a log that has no line yet has no header either. */
  readonly stream: Dispatcher
  /** Lets what is under way come to its end. */
  retire (): void
  destroy (): Promise<void>
}

const CALL_CONNECTIONS = 32
const CONNECT_TIMEOUT_MS = 10_000
const HEADERS_TIMEOUT_MS = 30_000
// Less than the 90 s after which the API server closes an idle connection, so that it is we who close it.
const KEEP_ALIVE_MS = 60_000

/**
 * HTTP/1.1 on purpose: it is as fast here as HTTP/2 (measured), and a server that wants its connections back
 * (--goaway-chance) says so at the end of a reply instead of in the midst of a request.
 */
export function createConnections (tls: Tls): Connections {
  const common = {
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connect: {
      ...tls,
      ...sharedContext(tls),
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: 30_000
    }
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

/** One for all connections: made anew for each, it is a third of what a connection costs. */
function sharedContext (tls: Tls): { secureContext?: SecureContext } {
  try {
    return { secureContext: createSecureContext(tls) }
  } catch {
    // Whoever connects is told what is wrong with the certificates.
    return {}
  }
}
