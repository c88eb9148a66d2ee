// Returns where a job's ports can be reached, and whether the job listens there.

import type { JobNetwork, Network } from '../../launcher/plugin.ts'
import type { Protocol } from './listening-sockets.ts'
import { LOCAL_ADDRESS, type ExposedPorts } from './ports.ts'

/** `ports` has the number of each port of `exposed`, in order. */
export function networkOf (ports: readonly number[], exposed: ExposedPorts): JobNetwork {
  return {
    host: LOCAL_ADDRESS,
    addresses: [LOCAL_ADDRESS],
    ports: ports.map((port, index) => ({
      targetPort: port, publishedPort: port, protocol: exposed[index]?.protocol ?? 'TCP', address: LOCAL_ADDRESS
    }))
  }
}

/** `listens` returns whether the job's user, and no other, listens on a port. */
export function withListening (
  network: JobNetwork, listens: (port: number, protocol: Protocol) => boolean
): Network {
  const ports = network.ports.map(port => ({ ...port, listening: listens(port.targetPort, port.protocol) }))
  return { ...network, ports }
}
