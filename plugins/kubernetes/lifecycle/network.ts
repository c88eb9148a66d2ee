// Returns the addresses of a running job's ports, and creates its Service if a crash prevented that.

import { LauncherError } from '../../../launcher/errors.ts'
import type { Job, JobNetwork } from '../../../launcher/plugin.ts'
import { servicesPath } from '../client/paths.ts'
import { isAlreadyExists, isNotFound } from '../client/errors.ts'
import { objectName } from '../metadata/names.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import { contentOf } from '../cache/tracked-pod.ts'
import { needsService, serviceOfJob } from '../objects/service.ts'
import type { StartDependencies } from './create-job.ts'
import { missingServiceOf, type MissingService } from './missing-service.ts'
import { addressOf, type WireService } from './service-address.ts'
import type { JobView } from '../cache/views.ts'

/** The Service of a job: its address, which it may not have, or why it is missing. */
export interface ServiceView {
  readonly address?: string | undefined
  readonly missing?: MissingService
}

/** Resolves with undefined if the job exposes no port or its Job is gone. */
export async function serviceAddress (
  job: Job,
  jobView: JobView | undefined,
  { client, namespace, objectsOf }: Pick<StartDependencies, 'client' | 'namespace' | 'objectsOf'>
): Promise<ServiceView | undefined> {
  if (!needsService(job.submission)) return undefined
  const path = servicesPath(namespace)
  const get = (): Promise<WireService> =>
    client.call<WireService>({ method: 'GET', path: `${path}/${objectName(job.id)}` })
  try {
    return { address: addressOf(await get()) }
  } catch (error) {
    if (!isNotFound(error)) throw error
    if (jobView === undefined) return undefined
  }
  try {
    const body = serviceOfJob(objectsOf(job).service!, job.id, jobView.uid)
    return { address: addressOf(await client.call<WireService>({ method: 'POST', path, body })) }
  } catch (error) {
    const missing = missingServiceOf(error, namespace)
    if (missing !== undefined) return { missing }
    if (!isAlreadyExists(error)) throw error
    return { address: addressOf(await get()) }
  }
}

/** Throws JobNotRunning. */
export function networkOf (
  job: Job, pod: TrackedPod | undefined, service: ServiceView | undefined, namespace: string
): JobNetwork {
  const network = knownNetworkOf(job, pod, service, namespace)
  if (network === undefined) throw new LauncherError('JobNotRunning', `Job ${job.id} is not running.`)
  return network
}

/**
 * Returns undefined for a job that does not run. A published port is a port of the node; all others are at the pod's
 * own address.
 */
export function knownNetworkOf (
  job: Job, pod: TrackedPod | undefined, service: ServiceView | undefined, namespace: string
): JobNetwork | undefined {
  if (pod === undefined || pod.gone || contentOf(pod)?.running === undefined) return undefined
  if (pod.address === undefined) return undefined
  const { address, hostAddress = address } = pod
  const { address: serviceAddress, missing } = service ?? {}
  return {
    host: pod.node ?? hostAddress,
    addresses: serviceAddress === undefined ? [address] : [address, serviceAddress],
    ports: (job.submission.exposedPorts ?? []).map(({ targetPort, publishedPort, protocol = 'TCP' }) => ({
      targetPort: targetPort!,
      publishedPort: publishedPort ?? targetPort!,
      protocol,
      address: publishedPort === undefined ? address : hostAddress
    })),
    ...(serviceAddress !== undefined && { service: `${objectName(job.id)}.${namespace}.svc` }),
    ...(missing !== undefined && { serviceMissing: missing })
  }
}
