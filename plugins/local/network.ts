// Returns where a job's ports can be reached, and whether the job listens there.

import type { Network } from '../../launcher/plugin.ts'
import type { Protocol } from './listening-sockets.ts'
import { LOCAL_ADDRESS, type ExposedPorts } from './ports.ts'

/**
 * `ports` has the number of each port of `exposed`, in order. `listens` returns whether the job's user, and no other,
 * listens on a port.
 */
export function networkOf (
  ports: readonly number[], exposed: ExposedPorts, listens: (port: number, protocol: Protocol) => boolean
): Network {
  return {
    host: LOCAL_ADDRESS,
    addresses: [LOCAL_ADDRESS],
    ports: ports.map((port, index) => {
      const protocol = exposed[index]?.protocol ?? 'TCP'
      return {
        targetPort: port, publishedPort: port, protocol, address: LOCAL_ADDRESS, listening: listens(port, protocol)
      }
    })
  }
}
