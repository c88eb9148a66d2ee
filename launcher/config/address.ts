// Where the API is served: a Unix socket, or a host with a port.

export type Address = { readonly socket: string } | { readonly host: string, readonly port: number }

/** Longest path, in bytes, that Linux takes for a Unix socket. */
export const MAX_SOCKET_BYTES = 107

/** What `parseAddress` reads, in words for messages. */
export const ADDRESS_FORM = 'an address such as /run/launcher.sock, 127.0.0.1:5559 or [::1]:5559'

/** Reads `/path`, `unix:/path`, `HOST:PORT` and `[IPv6]:PORT`. Undefined when the text is none of them. */
export function parseAddress (text: string): Address | undefined {
  if (text.startsWith('/')) return { socket: text }
  if (text.startsWith('unix:/')) return { socket: text.slice('unix:'.length) }
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text)
  if (match === null) return undefined
  const port = Number(match[3])
  return port <= 65535 ? { host: (match[1] ?? match[2])!, port } : undefined
}

/** Why a Unix socket cannot have this path, or undefined when it can. */
export function socketProblem (path: string): string | undefined {
  const bytes = Buffer.byteLength(path)
  return bytes <= MAX_SOCKET_BYTES
    ? undefined
    : `is a socket path of ${bytes} bytes; a Unix socket takes ${MAX_SOCKET_BYTES} at most`
}

/** Whether only this machine can reach the host. */
export function isLoopback (host: string): boolean {
  return host === '::1' || host.toLowerCase() === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
}
