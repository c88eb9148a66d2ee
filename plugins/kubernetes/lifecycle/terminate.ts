// Ends the run of a job: no pod of it is made any more, and the one that is there goes.

import type { Intent, Outcome } from '../../../launcher/plugin.ts'
import { jobsPath, podsPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { ignoreNotFound } from '../client/errors.ts'
import type { KubeObject } from '../client/watch.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { terminatePatch } from '../metadata/annotations.ts'
import { objectName } from '../metadata/names.ts'

export interface TerminateDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'putJob'>
  readonly namespace: string
}

/** Kubernetes gives a program two seconds at least; the pod stays until its exit code and its output are known. */
const SHORTEST_GRACE_SECONDS = 1

/**
 * What was asked of the job, or how it ended, is kept on its Job by the same write. Nothing is wrong when there is no
 * Job any more.
 */
export async function terminateJob (
  id: string,
  why: { intent?: Intent; outcome?: Outcome },
  { client, cache, namespace }: TerminateDependencies
): Promise<void> {
  const ended = await ignoreNotFound(
    client.call<KubeObject>({
      method: 'PATCH',
      path: `${jobsPath(namespace)}/${objectName(id)}`,
      body: terminatePatch(why),
      contentType: 'application/merge-patch+json'
    })
  )
  if (ended !== undefined) cache.putJob(ended)
}

/** Deletes pods with the least grace; `force` removes them at once, also where no node answers for them. */
export async function deletePods (
  names: readonly string[],
  force: boolean,
  { client, namespace }: Pick<TerminateDependencies, 'client' | 'namespace'>
): Promise<void> {
  const query = { gracePeriodSeconds: force ? 0 : SHORTEST_GRACE_SECONDS }
  await Promise.all(
    names.map(name => ignoreNotFound(client.call({ method: 'DELETE', path: `${podsPath(namespace)}/${name}`, query })))
  )
}
