// Returns the addresses of a running job's ports, and creates its Service if a crash prevented that.

import type { V1Service } from '@kubernetes/client-node'
import { LauncherError } from '../../../launcher/errors.ts'
import type { Job, Network } from '../../../launcher/plugin.ts'
import { servicesPath } from '../client/paths.ts'
import { isAlreadyExists, isNotFound } from '../client/errors.ts'
import { objectName, ownedBy } from '../metadata/names.ts'
import type { TrackedPod } from '../cache/tracked-pod.ts'
import { contentOf } from '../cache/tracked-pod.ts'
import { needsService } from '../objects/service.ts'
import type { StartDependencies } from './create-job.ts'
import type { JobView } from '../cache/views.ts'
import type { Wire } from '../client/wire.ts'

type WireService = Wire<V1Service>

/** Resolves with the address of the job's Service; undefined if the job exposes no port or its Job is gone. */
export async function serviceAddress (
  job: Job,
  jobView: JobView | undefined,
  { client, namespace, objectsOf }: Pick<StartDependencies, 'client' | 'namespace' | 'objectsOf'>
): Promise<string | undefined> {
  if (!needsService(job.submission)) return undefined
  const path = servicesPath(namespace)
  const get = (): Promise<WireService> =>
    client.call<WireService>({ method: 'GET', path: `${path}/${objectName(job.id)}` })
  try {
    return addressOf(await get())
  } catch (error) {
    if (!isNotFound(error)) throw error
    if (jobView === undefined) return undefined
  }
  try {
    return addressOf(
      await client.call<WireService>({
        method: 'POST',
        path,
        body: ownedBy(objectsOf(job).service!, job.id, jobView.uid)
      })
    )
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    return addressOf(await get())
  }
}

/** Throws JobNotRunning. A published port is a port of the node; all others are at the pod's own address. */
export function networkOf (
  job: Job,
  pod: TrackedPod | undefined,
  service: string | undefined,
  namespace: string
): Network {
  if (pod === undefined || pod.gone || contentOf(pod)?.running === undefined || pod.address === undefined) {
    throw new LauncherError('JobNotRunning', `Job ${job.id} is not running.`)
  }
  const { address, hostAddress = address } = pod
  return {
    host: pod.node ?? hostAddress,
    addresses: service === undefined ? [address] : [address, service],
    ports: (job.submission.exposedPorts ?? []).map(({ targetPort, publishedPort, protocol = 'TCP' }) => ({
      targetPort: targetPort!,
      publishedPort: publishedPort ?? targetPort!,
      protocol,
      address: publishedPort === undefined ? address : hostAddress
    })),
    ...(service !== undefined && { service: `${objectName(job.id)}.${namespace}.svc` })
  }
}

function addressOf ({ spec }: WireService): string | undefined {
  return spec?.clusterIP === 'None' ? undefined : spec?.clusterIP
}
