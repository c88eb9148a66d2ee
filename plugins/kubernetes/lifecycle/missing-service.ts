// Creates the Service of a job that runs without one, because the cluster refused the Service at the start.

import { RetryableError } from '../../../launcher/errors.ts'
import type { Job, Observation } from '../../../launcher/plugin.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import type { Calls } from '../client/client.ts'
import { isAlreadyExists } from '../client/errors.ts'
import { servicesPath } from '../client/paths.ts'
import { addressOf, type ServiceAddresses, type WireService } from './service-address.ts'
import { needsService, serviceOfJob } from '../objects/service.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { startFailure } from '../state/start-failure.ts'

/** Why a job has no Service, for its user. */
export interface MissingService {
  /** A code of launcher/model/reasons.ts. */
  readonly reason: string
  readonly message: string
}

/** When to try again, in milliseconds of `performance.now()`. */
export type MissingServices = Map<string, MissingService & { readonly retryAt: number }>

export interface MissingServiceDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'jobOf'>
  readonly namespace: string
  readonly objectsOf: (job: Job) => Objects
  /** By id of the job. What is lost in a restart is read from the reason of the running job. */
  readonly missingServices: MissingServices
  readonly serviceAddresses: ServiceAddresses
}

const RETRY_MS = 30_000

/** Returns undefined for an error that is not a refusal, or one that cannot pass. */
export function missingServiceOf (error: unknown, namespace: string): MissingService | undefined {
  const failure = startFailure(error, 'Service', namespace)
  if (!(failure instanceof RetryableError)) return undefined
  return {
    reason: failure.reason ?? 'RefusedByCluster',
    message: `The job runs without its Service for now. ${failure.message}`
  }
}

/** Notes that the Service is missing, for `withService`. */
export function noteMissing (id: string, missing: MissingService, { missingServices }: Pick<
  MissingServiceDependencies, 'missingServices'
>): void {
  missingServices.set(id, { ...missing, retryAt: performance.now() + RETRY_MS })
}

/**
 * Creates the Service of a running job if it is missing and an attempt is due. Resolves with the observation, to which
 * the reason and the message are added while the Service is missing.
 */
export async function withService (
  job: Job,
  observation: Observation,
  dependencies: MissingServiceDependencies
): Promise<Observation> {
  const { cache, missingServices } = dependencies
  if (observation.state === 'ended') missingServices.delete(job.id)
  const jobView = cache.jobOf(job.id)
  if (observation.state !== 'running' || jobView === undefined || !needsService(job.submission)) return observation
  const known = missingServices.get(job.id) ?? storedReason(job)
  if (known === undefined) return observation
  const missing = known.retryAt > performance.now() ? known : await create(job, jobView.uid, known, dependencies)
  if (missing === undefined) return observation
  const { reason, message, retryAt } = missing
  const untilRetryMs = Math.max(retryAt - performance.now(), 0)
  return {
    ...observation,
    reason: observation.reason ?? reason,
    message: observation.message ?? message,
    requeueAfterMs: Math.min(observation.requeueAfterMs ?? Infinity, untilRetryMs)
  }
}

/** A job of an older launcher has only the reason. */
function storedReason (
  { status, reason, message = '', network }: Job
): MissingService & { retryAt: number } | undefined {
  if (status !== 'Running') return undefined
  if (network?.serviceMissing !== undefined) return { ...network.serviceMissing, retryAt: 0 }
  return reason === undefined || reason === 'NotReady' ? undefined : { reason, message, retryAt: 0 }
}

/** Resolves with undefined once the Service exists. A failure that is no refusal keeps what is known. */
async function create (
  job: Job,
  jobUid: string,
  known: MissingService,
  dependencies: MissingServiceDependencies
): Promise<MissingService & { retryAt: number } | undefined> {
  const { client, namespace, objectsOf, missingServices, serviceAddresses } = dependencies
  try {
    const body = serviceOfJob(objectsOf(job).service!, job.id, jobUid)
    const path = servicesPath(namespace)
    const service = await client.call<WireService>({ method: 'POST', path, body, noRetry: true })
    serviceAddresses.set(job.id, addressOf(service))
  } catch (error) {
    if (!isAlreadyExists(error)) {
      noteMissing(job.id, missingServiceOf(error, namespace) ?? known, dependencies)
      return missingServices.get(job.id)
    }
  }
  missingServices.delete(job.id)
  return undefined
}
