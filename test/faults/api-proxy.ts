// A TLS proxy in front of a real API server. It plays a script of faults, counts requests, and can cut connections,
// hang or stop listening.

import { once } from 'node:events'
import { readFile, rm, mkdtemp, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type tap from 'tap'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'
import { certificates, NAME } from './certificates.ts'
import {
  faultScript,
  GONE,
  kindOf,
  lineEditor,
  statusObject,
  type Deed,
  type Fault,
  type FaultScript
} from './fault.ts'

export interface ApiProxy {
  /** A kubeconfig for the proxy, with the rights of the original kubeconfig. */
  readonly kubeconfig: string
  /** Number of requests so far, by kind (`kindOf`). */
  readonly counts: Readonly<Record<string, number>>
  /** Kinds of the requests in progress, sorted. */
  readonly underWay: readonly string[]
  /** Number of connections made. */
  readonly connections: number
  /** From now on the dates in replies are this many milliseconds ahead. */
  setClock (aheadMs: number): void
  /** Replaces the script of faults from now on. */
  play (faults: readonly Fault[]): FaultScript
  /** Presents this certificate to new connections from now on. */
  present (certificate: 'valid' | 'expired'): void
  /** Cuts every open connection; new ones are accepted. */
  cut (): void
  /** From now on nothing passes in either direction, as if a cable were pulled; new connections hang too. */
  hang (): void
  /** Stops listening and cuts every open connection. */
  leave (): Promise<void>
  /** Listens again and ends the hang. */
  comeBack (): Promise<void>
}

/** Hop-by-hop headers. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect', 'content-length']

/** `named`: the kubeconfig has the name `NAME`, which the test must make resolve, instead of an address. */
export async function apiProxy (
  t: Pick<typeof tap, 'teardown'>,
  kubeconfig: string,
  { named = false }: { named?: boolean } = {}
): Promise<ApiProxy> {
  const { server, tls } = await (await loadCredentials({ kubeconfig }, pino({ level: 'silent' }), {})).access()
  const upstream = new Agent({ connect: { ...tls }, headersTimeout: 0, bodyTimeout: 0 })
  const counts: Record<string, number> = {}
  const sockets = new Set<Socket>()
  const underWay = new Map<ServerResponse, string>()
  let script = faultScript([])
  let hanging = false
  let aheadMs = 0
  let connections = 0

  const { authority, key, ...signed } = certificates()
  const https = createHttps({ key, cert: signed.valid }, (asked, reply) => {
    pass(asked, reply).catch(() => reply.destroy())
  })
  https.on('tlsClientError', () => {})
  const front = createServer(socket => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (!hanging) https.emit('connection', socket)
  })
  await listen(front, 0)
  const { port } = front.address() as AddressInfo

  async function pass (asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    const gone = new AbortController()
    reply.on('close', () => {
      gone.abort()
      underWay.delete(reply)
    })
    const body = await bytesOf(asked)
    if (hanging) return
    const url = new URL(asked.url!, server)
    const kind = kindOf(asked.method!, url)
    counts[kind] = (counts[kind] ?? 0) + 1
    underWay.set(reply, kind)
    const deed = script.next(kind)
    if (deed === 'reset all') cut()
    if (deed === 'reset' || deed === 'reset all') {
      reply.destroy()
      return
    }
    if (isObject(deed) && 'answer' in deed) {
      if (deed.retryAfter !== undefined) reply.setHeader('retry-after', deed.retryAfter)
      reply.writeHead(deed.answer, { 'content-type': 'application/json' }).end(statusObject(deed))
      return
    }
    if (isObject(deed) && 'delayMs' in deed) await new Promise(resolve => setTimeout(resolve, deed.delayMs))
    const carriedOut = deed === 'drop answer' || deed === 'freeze'
    const answer = await request(`${server}${url.pathname}${url.search}`, {
      dispatcher: upstream,
      method: asked.method as 'GET',
      headers: without(asked.headers, OF_CONNECTION),
      body: body.length === 0 ? null : body,
      // The API server carries the request out even if the client is gone.
      signal: carriedOut ? null : gone.signal
    })
    if (carriedOut) await answer.body.dump()
    if (deed === 'drop answer') reply.destroy()
    if (carriedOut || hanging) return
    reply.writeHead(answer.statusCode, {
      ...without(answer.headers, OF_CONNECTION),
      date: new Date(Date.now() + aheadMs).toUTCString()
    })
    reply.flushHeaders()
    const pieces: AsyncIterable<Buffer | string> = deed === undefined ? answer.body : edited(answer.body, deed)
    for await (const piece of pieces) {
      if (hanging || reply.writableEnded) return
      if (!reply.write(piece)) await once(reply, 'drain', { signal: gone.signal })
    }
    if (!hanging) reply.end()

    async function * edited (body: AsyncIterable<Buffer>, deed: Deed): AsyncGenerator<string> {
      const edit = lineEditor(deed)
      const end = isObject(deed) && 'lines' in deed ? deed : undefined
      let left = end?.lines ?? Infinity
      let goneTimer: NodeJS.Timeout | undefined
      reply.on('close', () => clearTimeout(goneTimer))
      for await (const line of linesIn(body)) {
        if (left-- > 0) {
          const passed = edit(line)
          for (const one of passed) yield `${one}\n`
          if (passed.length === 0 && isObject(deed) && 'lose' in deed) {
            goneTimer ??= setTimeout(() => {
              if (!hanging) reply.end(GONE)
            }, deed.goneMs)
          }
          continue
        }
        if (end!.then === 'gone') return yield GONE
        if (end!.then === 'cut') {
          yield line.slice(0, Math.ceil(line.length / 2))
          setImmediate(() => reply.destroy())
        }
        await once(reply, 'close')
        return
      }
    }
  }

  function cut (): void {
    for (const socket of sockets) socket.destroy()
  }

  async function leave (): Promise<void> {
    if (!front.listening) return
    front.close()
    cut()
    await once(front, 'close')
  }

  const folder = await mkdtemp(join(tmpdir(), 'jl-proxy-'))
  t.teardown(async () => {
    await leave()
    await upstream.destroy()
    await rm(folder, { recursive: true, force: true })
  })
  const content = parse(await readFile(kubeconfig, 'utf8'))
  for (const entry of content.clusters) {
    entry.cluster = {
      server: `https://${named ? NAME : '127.0.0.1'}:${port}`,
      'certificate-authority-data': Buffer.from(authority).toString('base64')
    }
  }
  const file = join(folder, 'kubeconfig')
  await writeFile(file, JSON.stringify(content), { mode: 0o600 })
  return {
    kubeconfig: file,
    counts,
    get underWay () { return [...underWay.values()].sort() },
    get connections () { return connections },
    setClock (ms) { aheadMs = ms },
    play: faults => (script = faultScript(faults)),
    present (certificate) { https.setSecureContext({ key, cert: signed[certificate] }) },
    cut,
    hang () { hanging = true },
    leave,
    async comeBack () {
      hanging = false
      await listen(front, port)
    }
  }
}

async function listen (server: Server, port: number): Promise<void> {
  await once(server.listen(port, '127.0.0.1'), 'listening')
}

function isObject (deed: Deed | undefined): deed is Exclude<Deed, string> {
  return typeof deed === 'object'
}

async function bytesOf (message: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces = []
  for await (const piece of message) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Yields lines without their line ends. Text after the last line end is a line too. */
async function * linesIn (body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const piece of body) {
    rest = Buffer.concat([rest, piece])
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end).toString()
      rest = rest.subarray(end + 1)
    }
  }
  if (rest.length > 0) yield rest.toString()
}

function without<T> (headers: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
