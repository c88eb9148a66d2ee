// Removes Services and Secrets whose Job is gone, and process logs whose job is. Kubernetes removes the objects itself,
// unless the Job was deleted with the policy to orphan its dependents.

import type { Logger } from 'pino'
import { HOUR_MS } from '../../../launcher/lib/duration.ts'
import { secretsPath, servicesPath } from '../client/paths.ts'
import { isConflict, isForbidden, isNotFound } from '../client/errors.ts'
import type { Calls } from '../client/client.ts'
import { createOutageLog } from '../client/outage-log.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import { instanceSelector, LABEL } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'
import type { JobLogs } from '../process-logs/job-logs.ts'

export interface GarbageCollectDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'fresh' | 'jobOf'>
  readonly jobLogs: Pick<JobLogs, 'collectGarbage'>
  readonly namespace: string
  readonly instance: string
  readonly log: Logger
}

interface Leftover {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly creationTimestamp: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

/** No start takes this long, so an older object that is not needed now will never be needed. */
export const SAFE_AGE_MS = HOUR_MS
/** Names and labels only: the contents of a Secret are not read. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
const PAGE_SIZE = 500

/**
 * Returns a function that collects garbage and never rejects. `now` returns the API server's time. Logs a failure, and
 * the first success after it.
 */
export function createGarbageCollector (
  dependencies: GarbageCollectDependencies,
  now: () => number
): () => Promise<void> {
  const outage = createOutageLog(dependencies.log, {
    failed: 'garbage not collected, will retry',
    restored: 'garbage collection restored'
  })
  return async () => {
    try {
      await collectGarbage(dependencies, now())
      outage.succeeded()
    } catch (err) {
      outage.failed(err)
    }
  }
}

/**
 * `now` is the API server's time. Skips kinds of objects that the launcher has no right to. Does nothing while the
 * cluster cache is not fresh. Resolves with the number of removed objects.
 */
export async function collectGarbage (dependencies: GarbageCollectDependencies, now: number): Promise<number> {
  const { cache, jobLogs, namespace } = dependencies
  let removed = 0
  for (const path of [servicesPath(namespace), secretsPath(namespace)]) {
    try {
      removed += await collectKind(path, dependencies, now)
    } catch (error) {
      if (!isForbidden(error)) throw error
    }
  }
  await jobLogs.collectGarbage(id => !cache.fresh() || cache.jobOf(id) !== undefined)
  if (removed > 0) dependencies.log.info({ removed }, 'unneeded objects removed')
  return removed
}

async function collectKind (
  path: string,
  { client, cache, instance }: GarbageCollectDependencies,
  now: number
): Promise<number> {
  let removed = 0
  let next: string | undefined
  do {
    // A server returns null for an empty list of metadata.
    const page: { items: Leftover[] | null, metadata?: { continue?: string } } = await client.call({
      method: 'GET',
      path,
      query: { labelSelector: instanceSelector(instance), limit: PAGE_SIZE, continue: next },
      accept: METADATA_ONLY
    })
    for (const { metadata } of page.items ?? []) {
      if (!cache.fresh()) return removed
      const id = metadata.labels?.[LABEL.job] ?? ''
      // An object of another name is a copy that another client made, with the labels of the job.
      const isKept = metadata.name !== objectName(id) || cache.jobOf(id) !== undefined
      if (now - Date.parse(metadata.creationTimestamp) < SAFE_AGE_MS || isKept) continue
      if (await remove(`${path}/${metadata.name}`, metadata.uid)) removed += 1
    }
    next = page.metadata?.continue || undefined
  } while (next !== undefined)
  return removed

  /** False if the object is already gone, or was replaced by another of the same name. */
  async function remove (path: string, uid: string): Promise<boolean> {
    try {
      await client.call({ method: 'DELETE', path, body: { preconditions: { uid } } })
      return true
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return false
      throw error
    }
  }
}
