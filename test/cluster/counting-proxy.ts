// A proxy in front of an API server that counts the requests of whoever comes through it, and can be away.

import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type tap from 'tap'
import { parse } from 'yaml'

export interface CountingProxy {
  /** A kubeconfig that leads through the proxy. */
  readonly kubeconfig: string
  /** Requests until now by what they do, such as `POST jobs`, `GET jobs/NAME`, `WATCH pods`, `LIST pods`, `GET pods/NAME/log`. */
  readonly counts: Readonly<Record<string, number>>
  /** From now on nothing listens there, and what stands is cut. */
  leave (): Promise<void>
  /** Listens again. */
  comeBack (): Promise<void>
}

export async function countingProxy (t: Pick<typeof tap, 'teardown'>, kubeconfig: string): Promise<CountingProxy> {
  const content = parse(await readFile(kubeconfig, 'utf8'))
  const { cluster } = content.clusters[0]
  const server = new URL(cluster.server)
  const ca = cluster['certificate-authority-data'] === undefined
    ? await readFile(resolve(dirname(kubeconfig), cluster['certificate-authority']))
    : Buffer.from(cluster['certificate-authority-data'], 'base64')
  const agent = new Agent({ keepAlive: true, ca })
  const counts: Record<string, number> = {}

  function pass (asked: IncomingMessage, reply: ServerResponse): void {
    const kind = kindOf(asked.method!, new URL(asked.url!, server))
    counts[kind] = (counts[kind] ?? 0) + 1
    const onward = request(new URL(asked.url!, server), { agent, method: asked.method!, headers: asked.headers }, answer => {
      reply.writeHead(answer.statusCode!, answer.headers)
      reply.flushHeaders()
      answer.on('error', () => reply.destroy()).pipe(reply)
    })
    onward.on('error', () => reply.destroy())
    reply.on('close', () => onward.destroy())
    asked.pipe(onward)
  }

  let proxy = createServer(pass).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  async function leave (): Promise<void> {
    if (!proxy.listening) return
    proxy.close()
    proxy.closeAllConnections()
    await once(proxy, 'close')
  }
  const folder = await mkdtemp(join(tmpdir(), 'jl-proxy-'))
  t.teardown(async () => {
    await leave()
    agent.destroy()
    await rm(folder, { recursive: true, force: true })
  })
  content.clusters[0].cluster = { server: `http://127.0.0.1:${port}` }
  const file = join(folder, 'kubeconfig')
  await writeFile(file, JSON.stringify(content), { mode: 0o600 })
  return {
    kubeconfig: file,
    counts,
    leave,
    async comeBack () {
      proxy = createServer(pass).listen(port, '127.0.0.1')
      await once(proxy, 'listening')
    }
  }
}

function kindOf (method: string, { pathname, searchParams }: URL): string {
  const [, resource, name, part] = /\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/.exec(pathname) ?? [undefined, pathname]
  const verb = method !== 'GET' || name !== undefined ? method : searchParams.get('watch') === null ? 'LIST' : 'WATCH'
  return `${verb} ${[resource, ...(name === undefined ? [] : ['NAME']), ...(part === undefined ? [] : [part])].join('/')}`
}
