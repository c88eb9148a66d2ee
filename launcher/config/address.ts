// Where the API is served: a Unix socket, or a host with a port.

export type Address = { readonly socket: string } | { readonly host: string, readonly port: number }

/** Folder of a stand-alone launcher whose configuration names none. */
export const DEFAULT_SCRATCH_PATH = '/var/lib/rstudio-launcher'
/** Name of the socket in the scratch path. */
export const SOCKET_FILE = 'launcher.sock'
/** Where a stand-alone launcher listens by default. */
export const DEFAULT_SOCKET = `${DEFAULT_SCRATCH_PATH}/${SOCKET_FILE}`

/** Longest path, in bytes, that Linux accepts for a Unix socket. */
const MAX_SOCKET_BYTES = 107

/** Describes in messages what `parseAddress` accepts. */
export const ADDRESS_FORM = 'an address such as /run/launcher.sock, 127.0.0.1:5559 or [::1]:5559'

/** Parses `/path`, `unix:/path`, `HOST:PORT` and `[IPv6]:PORT`. Returns undefined for any other text. */
export function parseAddress (text: string): Address | undefined {
  if (text.startsWith('/')) return { socket: text }
  if (text.startsWith('unix:/')) return { socket: text.slice('unix:'.length) }
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text)
  if (match === null) return undefined
  const port = Number(match[3])
  return port <= 65535 ? { host: (match[1] ?? match[2])!, port } : undefined
}

/** Returns why a Unix socket cannot have this path, or undefined if it can. */
export function socketProblem (path: string): string | undefined {
  const bytes = Buffer.byteLength(path)
  return bytes <= MAX_SOCKET_BYTES
    ? undefined
    : `is a socket path of ${bytes} bytes; a Unix socket allows at most ${MAX_SOCKET_BYTES}`
}

/** Returns whether only this machine can reach the host. */
export function isLoopback (host: string): boolean {
  return host === '::1' || host.toLowerCase() === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
}
