// The error of a proxy that opens no tunnel, and the name of a proxy in messages.

/** The proxy did not open the tunnel, so nothing reached the API server. */
export class ProxyError extends Error {
  readonly code: string

  constructor (message: string, code: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ProxyError'
    this.code = code
  }
}

export const PROXY_REFUSED = 'PROXY_REFUSED'

/** URL of the proxy without its user name and password. */
export function proxyName (proxy: string): string {
  const { protocol, host } = new URL(proxy)
  return `${protocol}//${host}`
}

export function noTunnelInTime (proxy: string, target: string, timeout: number): ProxyError {
  return new ProxyError(
    `the proxy ${proxyName(proxy)} did not open a tunnel to ${target} within ${timeout / 1000} s`,
    'UND_ERR_CONNECT_TIMEOUT'
  )
}

export function unusableProxy (proxy: string, cause: NodeJS.ErrnoException): ProxyError {
  return new ProxyError(
    `the proxy ${proxyName(proxy)} cannot be used: ${cause.message || cause.code}`, cause.code ?? 'unknown', { cause }
  )
}

export function tunnelRefused (proxy: string, target: string, why: string): ProxyError {
  return new ProxyError(`the proxy ${proxyName(proxy)} refused a tunnel to ${target}: ${why}`, PROXY_REFUSED)
}
