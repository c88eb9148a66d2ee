// Opens a tunnel through a SOCKS5 proxy (RFC 1928), with a user name and a password if its URL has them (RFC 1929).

import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { noTunnelInTime, ProxyError, tunnelRefused, unusableProxy } from './proxy-error.ts'

const VERSION = 5
const METHOD = { none: 0, password: 2 } as const
const CONNECT = 1
const NAME = 3
/** Bytes of an address after its type. The length of a name is in its first byte. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 }
const PORT_BYTES = 2
const MAX_FIELD_BYTES = 255
const REPLIES = [
  'succeeded', 'general failure', 'the connection is not allowed', 'the network is unreachable',
  'the host is unreachable', 'the connection was refused', 'the connection timed out', 'CONNECT is not supported',
  'the type of the address is not supported'
]

/** `target` is a name or an address, with its port. The proxy resolves a name. Rejects with a ProxyError. */
export async function openSocksTunnel (proxy: string, target: string, timeout: number): Promise<Socket> {
  const { hostname, port, username, password } = new URL(proxy)
  const socket = connect({ host: withoutBrackets(hostname), port: Number(port || 1080) })
  const timer = setTimeout(() => socket.destroy(noTunnelInTime(proxy, target, timeout)), timeout)
  const refused = (why: string) => tunnelRefused(proxy, target, why)
  try {
    await once(socket, 'connect')
    const methods = username === '' ? [METHOD.none] : [METHOD.none, METHOD.password]
    socket.write(Buffer.from([VERSION, methods.length, ...methods]))
    const [version, method] = await read(2)
    if (version !== VERSION) throw refused('it is not a SOCKS5 proxy')
    if (method === METHOD.password && username !== '') {
      socket.write(Buffer.from([1, ...field(decodeURIComponent(username)), ...field(decodeURIComponent(password))]))
      if ((await read(2))[1] !== 0) throw refused('the user name or the password is wrong')
    } else if (method !== METHOD.none) {
      throw refused(username === '' ? 'it requires a user name' : 'it accepts no user name and password')
    }
    socket.write(connectRequest(target))
    const [, reply, , type] = await read(4)
    if (reply !== 0) throw refused(REPLIES[reply!] ?? `SOCKS reply ${reply}`)
    await read((ADDRESS_BYTES[type!] ?? (await read(1))[0]!) + PORT_BYTES)
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    throw error instanceof ProxyError ? error : unusableProxy(proxy, error as NodeJS.ErrnoException)
  } finally {
    clearTimeout(timer)
  }

  /** Leaves what follows in the socket. */
  async function read (bytes: number): Promise<Buffer> {
    for (;;) {
      const chunk = socket.read(bytes) as Buffer | null
      if (chunk?.length === bytes) return chunk
      if (socket.readableEnded || chunk !== null) throw refused('it closed the connection')
      const waiting = new AbortController()
      const events = ['readable', 'end'].map(event => once(socket, event, { signal: waiting.signal }))
      await Promise.race(events).finally(() => waiting.abort())
    }
  }
}

function connectRequest (target: string): Buffer {
  const { hostname, port } = new URL(`tunnel://${target}`)
  const host = withoutBrackets(hostname)
  const address = isIP(host) === 0 ? [NAME, ...field(host)] : isIP(host) === 4 ? [1, ...v4(host)] : [4, ...v6(host)]
  return Buffer.from([VERSION, CONNECT, 0, ...address, Number(port) >> 8, Number(port) & 255])
}

function field (text: string): number[] {
  const bytes = [...Buffer.from(text)]
  if (bytes.length > MAX_FIELD_BYTES) throw new RangeError(`a name or password has more than ${MAX_FIELD_BYTES} bytes`)
  return [bytes.length, ...bytes]
}

function v4 (address: string): number[] {
  return address.split('.').map(Number)
}

/** URLs have IPv6 addresses in their canonical form, without an IPv4 part. */
function v6 (address: string): number[] {
  const [head, tail] = address.split('::').map(part => part.split(':').filter(group => group !== ''))
  const zeros = Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0')
  return [...head!, ...(tail === undefined ? [] : [...zeros, ...tail])]
    .flatMap(group => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
}

function withoutBrackets (hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
