// Makes the objects of a job, in the order that lets its program run once, however often it is repeated.

import type { V1Job } from '@kubernetes/client-node'
import { LauncherError } from '../../../launcher/errors.ts'
import type { Job } from '../../../launcher/plugin.ts'
import { jobsPath, secretsPath, servicesPath } from '../client/paths.ts'
import { KubeApiError, isAlreadyExists, isNotFound, isOutcomeUnknown, ignoreNotFound } from '../client/errors.ts'
import type { Calls } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { LABEL } from '../metadata/labels.ts'
import { pausedJob, UNPAUSE } from '../metadata/annotations.ts'
import { objectName, ownedBy } from '../metadata/names.ts'
import type { Objects } from '../manifests/job-objects.ts'
import type { StartGates } from './start-gates.ts'
import { startFailure } from '../state/start-failure.ts'
import { withStartToken } from '../metadata/start-token.ts'
import type { Wire } from '../client/wire.ts'

export interface StartDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'jobOf' | 'putJob'>
  readonly namespace: string
  readonly objectsOf: (job: Job) => Objects
}

type WireJob = Wire<V1Job> & KubeObject

/** Tries to make a Job whose fate is unknown, before the core is told to try later. */
const MOST_TRIES = 3

/**
 * A Job runs as soon as it is made, unless it needs a Secret: that one is made held, then its Secret, then it is
 * released. Throws a LauncherError when the cluster will never take the job, RetryableError when it may later.
 */
export async function startJob (
  job: Job,
  dependencies: StartDependencies & { readonly gates: Pick<StartGates, 'tokenFor'> }
): Promise<void> {
  const { client, cache, namespace, objectsOf, gates } = dependencies
  const known = cache.jobOf(job.id)
  if (known !== undefined && !known.paused) return
  const { job: runs, service, secret } = objectsOf(job)
  const uid =
    known?.uid ??
    (await createJob(
      job,
      withStartToken(secret === undefined ? runs : pausedJob(runs), await gates.tokenFor(job.id)),
      dependencies
    ))
  if (secret !== undefined) await createOnce('Secret', secretsPath(namespace), ownedBy(secret, job.id, uid))
  if (service !== undefined) await createOnce('Service', servicesPath(namespace), ownedBy(service, job.id, uid))
  if (cache.jobOf(job.id)?.paused === true) await unpause()

  async function createOnce (what: string, path: string, body: unknown): Promise<void> {
    try {
      await client.call({ method: 'POST', path, body })
    } catch (error) {
      if (!isAlreadyExists(error)) throw startFailure(error, what, namespace)
    }
  }

  /** A refusal says that the Job is no longer held: it was released before, or canceled, or is gone. */
  async function unpause (): Promise<void> {
    const path = `${jobsPath(namespace)}/${objectName(job.id)}`
    try {
      cache.putJob(
        await client.call({ method: 'PATCH', path, body: UNPAUSE, contentType: 'application/json-patch+json' })
      )
    } catch (error) {
      if (error instanceof KubeApiError && (error.status === 422 || isNotFound(error))) return
      throw startFailure(error, 'Job', namespace)
    }
  }
}

/**
 * Resolves with the uid of the Job, which was there already when an earlier start came so far. `isOutcomeUnknown` tells
 * of what it throws whether the Job may still appear.
 */
export async function createJob (
  job: Job,
  body: V1Job,
  { client, cache, namespace }: Omit<StartDependencies, 'objectsOf'>
): Promise<string> {
  const path = jobsPath(namespace)
  /** A create that may yet be carried out; the caller has to know of it, whatever comes after. */
  let unknown: unknown
  for (let tries = 1; ; tries++) {
    try {
      return taken(await client.call<WireJob>({ method: 'POST', path, body }))
    } catch (error) {
      if (isOutcomeUnknown(error)) unknown = error
      else if (!isAlreadyExists(error)) throw unknown ?? startFailure(error, 'Job', namespace)
      const present = await find()
      if (present !== undefined) return taken(present)
      if (tries === MOST_TRIES) throw unknown ?? error
    }
  }

  async function find (): Promise<WireJob | undefined> {
    try {
      return await ignoreNotFound(client.call<WireJob>({ method: 'GET', path: `${path}/${objectName(job.id)}` }))
    } catch (error) {
      throw unknown ?? error
    }
  }

  function taken (made: WireJob): string {
    const labels = made.metadata?.labels
    if (labels?.[LABEL.instance] !== body.metadata?.labels?.[LABEL.instance] || labels?.[LABEL.job] !== job.id) {
      throw new LauncherError(
        'InvalidJob',
        `The namespace ${namespace} has a Job ${objectName(job.id)} that this launcher did not make.`,
        { object: objectName(job.id) }
      )
    }
    cache.putJob(made)
    return made.metadata!.uid!
  }
}
