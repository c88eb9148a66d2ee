// Parses the address of a launcher: the path of its Unix socket, or host and port.

import { LauncherError } from '../errors.ts'

/** Where a launcher listens. */
export type Address =
  | { readonly socketPath: string }
  | { readonly origin: string }

const MAX_SOCKET_PATH_BYTES = 107

/**
 * Accepts `/path/launcher.sock`, `127.0.0.1:5559`, `[::1]:5559`, or `https://name:5559` for a launcher with a
 * certificate. Throws UsageError for any other text.
 */
export function parseAddress (text: string): Address {
  if (text.startsWith('/')) {
    if (Buffer.byteLength(text) <= MAX_SOCKET_PATH_BYTES) return { socketPath: text }
    throw new LauncherError(
      'UsageError',
      `${text} is not a launcher address: a socket path has at most ${MAX_SOCKET_PATH_BYTES} bytes`
    )
  }
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || !/:\d+\/?$/.test(text)) {
    throw new LauncherError(
      'UsageError',
      `${JSON.stringify(text)} is not a launcher address: it is neither an absolute path nor HOST:PORT`
    )
  }
  return { origin: url.origin }
}
