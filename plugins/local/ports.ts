// Assigns a number to each exposed port of a job: the requested one, or a free one that no other live job has.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { JobSubmission } from '../../launcher/plugin.ts'

export type ExposedPorts = NonNullable<JobSubmission['exposedPorts']>

export interface Ports {
  /** Resolves with one number for each port, in order. The job keeps them until `release`. */
  assign (id: string, exposed: ExposedPorts): Promise<number[]>
  /** Reserves numbers that the job was assigned earlier, perhaps by another launcher process. */
  keep (id: string, ports: readonly number[]): void
  release (id: string): void
}

export const LOCAL_ADDRESS = '127.0.0.1'
const MAX_TRIES = 100

export function createPorts (findFree: typeof findFreePort = findFreePort): Ports {
  const kept = new Map<string, readonly number[]>()

  async function freePort (protocol: 'TCP' | 'UDP', taken: number[]): Promise<number> {
    for (let tries = 1; ; tries++) {
      const port = await findFree(protocol)
      const used = taken.includes(port) || [...kept.values()].some(ports => ports.includes(port))
      if (!used || tries === MAX_TRIES) return port
    }
  }

  return {
    async assign (id, exposed) {
      const ports: number[] = []
      kept.set(id, ports)
      for (const { targetPort, publishedPort, protocol = 'TCP' } of exposed) {
        ports.push(targetPort ?? publishedPort ?? await freePort(protocol, ports))
      }
      return ports
    },
    keep (id, ports) { if (ports.length > 0) kept.set(id, ports) },
    release (id) { kept.delete(id) }
  }
}

async function findFreePort (protocol: 'TCP' | 'UDP'): Promise<number> {
  if (protocol === 'UDP') {
    const socket = createSocket('udp4').bind(0, LOCAL_ADDRESS)
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    return port
  }
  const server = createServer().listen(0, LOCAL_ADDRESS)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
