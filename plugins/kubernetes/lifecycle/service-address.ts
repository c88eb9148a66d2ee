// The address of a job's Service, as the API server replied when it was created or read.

import type { V1Service } from '@kubernetes/client-node'
import type { Wire } from '../client/wire.ts'

export type WireService = Wire<V1Service>

/** By id of the job. A Service without an address has undefined. */
export type ServiceAddresses = Map<string, string | undefined>

export function addressOf ({ spec }: WireService): string | undefined {
  return spec?.clusterIP === 'None' ? undefined : spec?.clusterIP
}
