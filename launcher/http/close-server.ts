// Ends the server in order: its streams at once, requests in flight when they have been answered.

import type { Server } from './service.ts'
import type { Streams } from './streams.ts'

const IDLE_POLL_MS = 50

/**
 * Rejects new requests, ends streams, and waits for requests in flight, at most `graceMs`. `closeMore` closes other
 * listeners that hand connections to the server. It resolves when these have ended.
 */
export async function closeServer (
  server: Server,
  streams: Streams,
  graceMs: number,
  closeMore: () => Promise<void>
): Promise<void> {
  streams.endAll()
  // Connections become idle one by one, as their requests end.
  const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_POLL_MS)
  const force = setTimeout(() => server.server.closeAllConnections(), graceMs)
  try {
    await Promise.all([server.close(), closeMore()])
  } finally {
    clearInterval(idle)
    clearTimeout(force)
  }
}
