// Creates the objects of a job. Their order ensures that the program runs once, however often the start is repeated.

import type { V1Job } from '@kubernetes/client-node'
import { isLauncherError, LauncherError } from '../../../launcher/errors.ts'
import type { Job } from '../../../launcher/plugin.ts'
import { jobsPath, secretsPath, servicesPath } from '../client/paths.ts'
import { KubeApiError, isAlreadyExists, isNotFound, isOutcomeUnknown } from '../client/errors.ts'
import type { Calls } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { LABEL } from '../metadata/labels.ts'
import { pausedJob, UNPAUSE } from '../metadata/annotations.ts'
import { readRecord } from '../metadata/job-record.ts'
import { objectName, ownedBy } from '../metadata/names.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { serviceOfJob } from '../objects/service.ts'
import { startFailure } from '../state/start-failure.ts'
import { missingServiceOf, noteMissing, type MissingServices } from './missing-service.ts'
import { readJob } from './read-objects.ts'
import { addressOf, type ServiceAddresses, type WireService } from './service-address.ts'
import { terminateJob } from './terminate.ts'
import type { Wire } from '../client/wire.ts'

export interface StartDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'jobOf' | 'putJob'>
  readonly namespace: string
  readonly objectsOf: (job: Job) => Objects
  readonly missingServices: MissingServices
  readonly serviceAddresses: ServiceAddresses
}

type WireJob = Wire<V1Job> & KubeObject

/** Attempts to create a Job whose outcome is unknown, before the core has to retry later. */
const MAX_ATTEMPTS = 3

/**
 * A Job runs as soon as it is created, unless it needs a Secret. Then the Job is created paused, then its Secret, and
 * then the Job is unpaused. Rejects with a LauncherError if the cluster will never accept the job, or with a
 * RetryableError if it may accept it later.
 */
export async function startJob (job: Job, dependencies: StartDependencies): Promise<void> {
  const { client, cache, namespace, objectsOf, serviceAddresses } = dependencies
  const known = cache.jobOf(job.id)
  if (known !== undefined && !known.paused) return
  const { job: jobBody, service, secret } = objectsOf(job)
  const uid =
    known?.uid ??
    (await createJob(job, secret === undefined ? jobBody : pausedJob(jobBody), dependencies))
  try {
    if (secret !== undefined) await createOnce('Secret', secretsPath(namespace), ownedBy(secret, job.id, uid))
    if (service !== undefined) await createService(serviceOfJob(service, job.id, uid))
    if (cache.jobOf(job.id)?.paused === true) await unpause()
  } catch (error) {
    // The job fails for good, so its Job must not run.
    if (isLauncherError(error)) await terminateJob(job.id, {}, dependencies)
    throw error
  }

  async function createOnce (kind: string, path: string, body: unknown): Promise<void> {
    try {
      await client.call({ method: 'POST', path, body })
    } catch (error) {
      if (!isAlreadyExists(error)) throw startFailure(error, kind, namespace)
    }
  }

  /** A job runs without its Service if the cluster may accept it later. Otherwise it does not run. */
  async function createService (body: unknown): Promise<void> {
    try {
      const service = await client.call<WireService>({ method: 'POST', path: servicesPath(namespace), body })
      serviceAddresses.set(job.id, addressOf(service))
    } catch (error) {
      if (isAlreadyExists(error)) return
      const missing = missingServiceOf(error, namespace)
      if (missing !== undefined) return noteMissing(job.id, missing, dependencies)
      throw startFailure(error, 'Service', namespace)
    }
  }

  /** The patch fails on a Job that was unpaused before, was canceled, or is gone. That is no failure of the start. */
  async function unpause (): Promise<void> {
    const path = `${jobsPath(namespace)}/${objectName(job.id)}`
    try {
      cache.putJob(
        await client.call({ method: 'PATCH', path, body: UNPAUSE, contentType: 'application/json-patch+json' })
      )
    } catch (error) {
      if (isNotFound(error)) return
      // A failed test of the patch and a refusal of the cluster can have the same status.
      if (error instanceof KubeApiError && error.status === 422 && !await isStillPaused()) return
      throw startFailure(error, 'Job', namespace)
    }
  }

  async function isStillPaused (): Promise<boolean> {
    const found = await readJob(job.id, dependencies)
    if (found === undefined) return false
    cache.putJob(found)
    return cache.jobOf(job.id)?.paused === true
  }
}

/**
 * Resolves with the uid of the Job. The Job already exists if an earlier start created it. For an error of this
 * function, `isOutcomeUnknown` returns whether the Job may still appear.
 */
export async function createJob (
  job: Job,
  body: V1Job,
  { client, cache, namespace }: Pick<StartDependencies, 'client' | 'cache' | 'namespace'>
): Promise<string> {
  const path = jobsPath(namespace)
  /** The error of a create that may still be carried out. The caller must get it, whatever fails afterwards. */
  let unknownOutcome: unknown
  for (let attempts = 1; ; attempts++) {
    try {
      return useIfOwn(await client.call<WireJob>({ method: 'POST', path, body }))
    } catch (error) {
      if (isOutcomeUnknown(error)) unknownOutcome = error
      else if (!isAlreadyExists(error)) throw unknownOutcome ?? startFailure(error, 'Job', namespace)
      const existing = await find()
      if (existing !== undefined) return useIfOwn(existing)
      if (attempts === MAX_ATTEMPTS) throw unknownOutcome ?? error
    }
  }

  async function find (): Promise<WireJob | undefined> {
    try {
      return await readJob<WireJob>(job.id, { client, namespace })
    } catch (error) {
      throw unknownOutcome ?? error
    }
  }

  function useIfOwn (created: WireJob): string {
    if (!isOwn(created)) {
      throw new LauncherError(
        'InvalidJob',
        `The namespace ${namespace} has a Job ${objectName(job.id)} that this launcher did not create.`,
        { object: objectName(job.id) }
      )
    }
    cache.putJob(created)
    return created.metadata!.uid!
  }

  /** Another client may have removed labels. The record shows that a launcher created the Job for this very job. */
  function isOwn ({ metadata }: WireJob): boolean {
    const instance = metadata?.labels?.[LABEL.instance]
    if (instance !== undefined && instance !== body.metadata?.labels?.[LABEL.instance]) return false
    return readRecord(job.id, metadata?.annotations)?.submissionTime === job.submissionTime
  }
}
