// A TCP proxy in front of an API server that can cut all connections, or let them hang.

import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import type tap from 'tap'

export interface CutProxy {
  /** A kubeconfig that leads through the proxy. */
  readonly kubeconfig: string
  /** Cuts every connection that stands; new ones are taken. */
  cut (): void
  /** From now on nothing passes in either direction, as when a cable is pulled; new connections hang too. */
  hang (): void
  /** How many connections were made. */
  readonly connections: number
}

export async function cutProxy (t: Pick<typeof tap, 'teardown' | 'testdir'>, kubeconfig: string): Promise<CutProxy> {
  const text = await readFile(kubeconfig, 'utf8')
  const server = new URL(/server: "?(https:[^",}\s]+)/.exec(text)![1]!)
  const pairs = new Set<[Socket, Socket]>()
  let hanging = false
  let connections = 0
  const proxy = createServer(inner => {
    connections += 1
    const outer = connect(Number(server.port), server.hostname)
    const pair: [Socket, Socket] = [inner, outer]
    pairs.add(pair)
    if (!hanging) inner.pipe(outer).pipe(inner)
    for (const socket of pair) {
      socket.on('error', () => {}).on('close', () => {
        pairs.delete(pair)
        for (const end of pair) end.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => proxy.once('listening', resolve))
  const cut = (): void => {
    for (const pair of [...pairs]) for (const socket of pair) socket.destroy()
  }
  t.teardown(() => {
    cut()
    return new Promise(resolve => proxy.close(resolve))
  })
  const { port } = proxy.address() as AddressInfo
  const file = join(t.testdir(), 'proxy.kubeconfig')
  await writeFile(file, text.replace(server.origin, `https://127.0.0.1:${port}`))
  return {
    kubeconfig: file,
    cut,
    hang () {
      hanging = true
      for (const [inner, outer] of pairs) {
        inner.unpipe().pause()
        outer.unpipe().pause()
      }
    },
    get connections () { return connections }
  }
}
