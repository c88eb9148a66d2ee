// Connects to the API server through an HTTP proxy: a tunnel that the proxy opens for the method CONNECT.

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { defined } from '../../../launcher/lib/defined.ts'
import type { Tls } from './access.ts'

/** The proxy did not open the tunnel, so nothing reached the API server. */
export class ProxyError extends Error {
  readonly code: string

  constructor (message: string, code: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ProxyError'
    this.code = code
  }
}

/** `options`: of the connection to the API server, as undici's Agent takes them. */
export function createTunnelConnector (
  proxy: string, tls: Tls, options: buildConnector.BuildOptions & { timeout: number }
): buildConnector.connector {
  const connect = buildConnector(options)
  return (target, callback) => {
    const { host, protocol } = target
    const isSecure = protocol === 'https:'
    const address = /:\d+$/.test(host ?? '') ? host! : `${host}:${isSecure ? 443 : 80}`
    openTunnel(proxy, tls, address, options.timeout).then(
      socket => isSecure ? connect({ ...target, httpSocket: socket }, callback) : callback(null, socket),
      (error: unknown) => callback(error as Error, null)
    )
  }
}

/** URL of the proxy without its user name and password. */
export function proxyName (proxy: string): string {
  return new URL(proxy).origin
}

function openTunnel (proxy: string, { ca, rejectUnauthorized }: Tls, target: string, timeout: number): Promise<Socket> {
  const { protocol, hostname, port, username, password } = new URL(proxy)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isSecure = protocol === 'https:'
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const failed = (problem: string, code: string, cause?: unknown) =>
    reject(new ProxyError(`the proxy ${proxyName(proxy)} ${problem}`, code, { cause }))
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const request = (isSecure ? requestHttps : requestHttp)({
    host,
    port: port || (isSecure ? 443 : 80),
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      'user-agent': 'job-launcher',
      ...(username !== '' && { 'proxy-authorization': `Basic ${credentials}` })
    },
    agent: false,
    ...(isSecure && { ...defined({ ca }), rejectUnauthorized, ...(isIP(host) === 0 && { servername: host }) })
  })
  const timer = setTimeout(() => {
    failed(`did not open a tunnel to ${target} within ${timeout / 1000} s`, 'UND_ERR_CONNECT_TIMEOUT')
    request.destroy()
  }, timeout)
  request.on('error', (error: NodeJS.ErrnoException) => {
    failed(`cannot be used: ${error.message || error.code}`, error.code ?? 'unknown', error)
  })
  request.on('close', () => clearTimeout(timer))
  request.on('connect', (reply, socket, head) => {
    clearTimeout(timer)
    if (reply.statusCode !== 200) {
      socket.destroy()
      failed(`refused a tunnel to ${target}: ${reply.statusCode} ${reply.statusMessage}`, PROXY_REFUSED)
      return
    }
    if (head.length > 0) socket.unshift(head)
    resolve(socket as Socket)
  })
  request.end()
  return promise
}

export const PROXY_REFUSED = 'PROXY_REFUSED'
