// The addresses of a job. A part of the contract in launcher/plugin.ts.

import { Type, type Static } from 'typebox'
import { ProtocolWord } from './protocol.ts'

const port = {
  targetPort: Type.Integer({ description: 'Port the program listens on.' }),
  publishedPort: Type.Integer({
    description: 'Port to connect to at address. It is targetPort if no port of the node is published.'
  }),
  protocol: ProtocolWord,
  address: Type.String({ description: 'Address to connect to.' })
}

const withPorts = <Port extends object>(ports: Port) => ({
  host: Type.String({ description: 'Host the job runs on.' }),
  addresses: Type.Array(Type.String(), {
    description: "Addresses of the job, reachable from the launcher's machine."
  }),
  ports,
  service: Type.Optional(
    Type.String({ description: 'Service name of the ports inside the cluster, if there is one.' })
  ),
  serviceMissing: Type.Optional(
    Type.Object(
      {
        reason: Type.String({ description: 'A reason, such as QuotaExceeded.' }),
        message: Type.String()
      },
      {
        description: 'Why the job has no service name yet. The addresses of the ports can be used meanwhile; the ' +
          'launcher creates the Service once the cluster accepts it.'
      }
    )
  )
})

/** Where a job's ports can be reached from the launcher's machine, as it is kept with the running job. */
export const JobNetwork = Type.Object(withPorts(Type.Array(Type.Object(port))), { title: 'JobNetwork' })
export type JobNetwork = Static<typeof JobNetwork>

/** The same, as it is now. */
export const Network = Type.Object(
  withPorts(Type.Array(Type.Object({
    ...port,
    listening: Type.Optional(Type.Boolean({
      description: "Whether the job listens on the port. Before it does, another user's process may have the " +
        'port: do not send it a request. Missing if the cluster cannot determine it.'
    }))
  }))),
  { title: 'Network' }
)
export type Network = Static<typeof Network>
