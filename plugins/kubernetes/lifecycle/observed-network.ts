// Adds the addresses of a running job to its observation, from what the launcher has read already.

import type { Job, Observation } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { needsService } from '../objects/service.ts'
import { firstPodOf } from '../state/first-pod.ts'
import type { StartDependencies } from './create-job.ts'
import { noteMissing } from './missing-service.ts'
import { knownNetworkOf, serviceAddress, type ServiceView } from './network.ts'

export interface NetworkDependencies extends Omit<StartDependencies, 'cache'> {
  readonly cache: Pick<ClusterCache, 'jobOf' | 'podsOf'>
}

/** After a read of the Service that failed. */
const RETRY_MS = 30_000

/** A Service that this launcher did not create is read once. */
export async function withNetwork (
  job: Job, observation: Observation, dependencies: NetworkDependencies
): Promise<Observation> {
  const { cache, namespace, serviceAddresses } = dependencies
  if (observation.state === 'ended') serviceAddresses.delete(job.id)
  if (observation.state !== 'running' || !needsService(job.submission)) return observation
  const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
  if (knownNetworkOf(job, firstPod, undefined, namespace) === undefined) return observation
  try {
    const network = knownNetworkOf(job, firstPod, await serviceOf(job, dependencies), namespace)
    return { ...observation, ...(network && { network }) }
  } catch (error) {
    if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) throw error
    return { ...observation, requeueAfterMs: Math.min(observation.requeueAfterMs ?? Infinity, RETRY_MS) }
  }
}

async function serviceOf (
  job: Job, dependencies: NetworkDependencies
): Promise<ServiceView | undefined> {
  const { cache, missingServices, serviceAddresses } = dependencies
  const { id, network } = job
  const missing = missingServices.get(id)
  if (missing !== undefined) return { missing: { reason: missing.reason, message: missing.message } }
  if (serviceAddresses.has(id)) return { address: serviceAddresses.get(id) }
  if (network !== undefined && network.serviceMissing === undefined) {
    // The address of the Service is behind that of the pod.
    return { address: network.service === undefined ? undefined : network.addresses[1] }
  }
  const found = await serviceAddress(job, cache.jobOf(id), dependencies)
  if (found?.missing !== undefined) noteMissing(id, found.missing, dependencies)
  else serviceAddresses.set(id, found?.address)
  return found
}
