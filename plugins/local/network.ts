// Says where a job's ports are reached.

import type { Network } from '../../launcher/plugin.ts'
import { LOCAL_ADDRESS, type ExposedPorts } from './ports.ts'

/** `ports` has the number of each port of `exposed`, in order. */
export function networkOf (ports: readonly number[], exposed: ExposedPorts): Network {
  return {
    host: LOCAL_ADDRESS,
    addresses: [LOCAL_ADDRESS],
    ports: ports.map((port, index) => ({
      targetPort: port, publishedPort: port, protocol: exposed[index]?.protocol ?? 'TCP', address: LOCAL_ADDRESS
    }))
  }
}
