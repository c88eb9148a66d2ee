// Terminates a job: its Job creates no more pods, and the existing pod is deleted. Records why its output is cut.

import type { Intent, Outcome } from '../../../launcher/plugin.ts'
import { jobsPath, podsPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { ignoreNotFound } from '../client/errors.ts'
import type { KubeObject } from '../client/watch.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { terminatePatch, truncationPatch, type Truncation } from '../metadata/annotations.ts'
import { objectName } from '../metadata/names.ts'

export interface TerminateDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'putJob'>
  readonly namespace: string
}

/** Kubernetes gives a program at least two seconds. The pod stays until its exit code and its output are known. */
const MIN_GRACE_SECONDS = 1

/**
 * The same write records the requested operation or the outcome on the Job. Succeeds if the Job is already gone.
 */
export async function terminateJob (
  id: string,
  why: { intent?: Intent; outcome?: Outcome },
  dependencies: TerminateDependencies
): Promise<void> {
  await patchJob(id, terminatePatch(why), dependencies)
}

async function patchJob (
  id: string, body: object, { client, cache, namespace }: TerminateDependencies
): Promise<void> {
  const patched = await ignoreNotFound(
    client.call<KubeObject>({
      method: 'PATCH',
      path: `${jobsPath(namespace)}/${objectName(id)}`,
      body,
      contentType: 'application/merge-patch+json'
    })
  )
  if (patched !== undefined) cache.putJob(patched)
}

/** Records on the Job why output is missing, so that a launcher without its database knows. */
export async function recordTruncation (
  id: string, truncation: Truncation, dependencies: TerminateDependencies
): Promise<void> {
  await patchJob(id, truncationPatch(truncation), dependencies)
}

/**
 * Deletes pods with their own grace or the shortest. `none` removes them at once, even if their node does not respond.
 */
export async function deletePods (
  names: readonly string[],
  grace: 'own' | 'shortest' | 'none',
  { client, namespace }: Pick<TerminateDependencies, 'client' | 'namespace'>
): Promise<void> {
  const query = grace === 'own' ? {} : { gracePeriodSeconds: grace === 'none' ? 0 : MIN_GRACE_SECONDS }
  await Promise.all(
    names.map(name => ignoreNotFound(client.call({ method: 'DELETE', path: `${podsPath(namespace)}/${name}`, query })))
  )
}
