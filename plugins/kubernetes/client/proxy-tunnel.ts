// Connects to the API server through a proxy. An HTTP proxy opens a tunnel for the method CONNECT.

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { defined } from '../../../launcher/lib/defined.ts'
import type { Tls } from './access.ts'
import { noTunnelInTime, tunnelRefused, unusableProxy } from './proxy-error.ts'
import { openSocksTunnel } from './socks-tunnel.ts'

/** `options`: of the connection to the API server, as undici's Agent takes them. */
export function createTunnelConnector (
  proxy: string, tls: Tls, options: buildConnector.BuildOptions & { timeout: number }
): buildConnector.connector {
  const connect = buildConnector(options)
  return (target, callback) => {
    const { host, protocol } = target
    const isSecure = protocol === 'https:'
    const address = /:\d+$/.test(host ?? '') ? host! : `${host}:${isSecure ? 443 : 80}`
    const tunnel = new URL(proxy).protocol.startsWith('socks')
      ? openSocksTunnel(proxy, address, options.timeout)
      : openTunnel(proxy, tls, address, options.timeout)
    tunnel.then(
      socket => isSecure ? connect({ ...target, httpSocket: socket }, callback) : callback(null, socket),
      (error: unknown) => callback(error as Error, null)
    )
  }
}

function openTunnel (proxy: string, { ca, rejectUnauthorized }: Tls, target: string, timeout: number): Promise<Socket> {
  const { protocol, hostname, port, username, password } = new URL(proxy)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isSecure = protocol === 'https:'
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
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
    reject(noTunnelInTime(proxy, target, timeout))
    request.destroy()
  }, timeout)
  request.on('error', (error: NodeJS.ErrnoException) => reject(unusableProxy(proxy, error)))
  request.on('close', () => clearTimeout(timer))
  request.on('connect', (reply, socket, head) => {
    clearTimeout(timer)
    if (reply.statusCode !== 200) {
      socket.destroy()
      reject(tunnelRefused(proxy, target, `${reply.statusCode} ${reply.statusMessage}`))
      return
    }
    if (head.length > 0) socket.unshift(head)
    resolve(socket as Socket)
  })
  request.end()
  return promise
}
