// Caches the Jobs and pods of this instance's jobs. Two reflectors keep the cache up to date.

import type { Logger } from 'pino'
import type { ClusterCounts, Health } from '../../../launcher/plugin.ts'
import type { KubeClient } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'
import { jobsPath, podsPath } from '../client/paths.ts'
import { instanceSelector } from '../metadata/labels.ts'
import { healthOf, isFresh, type ContactState } from './health.ts'
import { createJobObjects, type JobObjects } from './job-objects.ts'
import type { Changed } from './store.ts'
import { createStrangerLog } from './stranger-log.ts'
import { isTerminal } from './tracked-pod.ts'
import { transformJob, transformPod } from './transform.ts'
import { createReflector, type Reflector } from './reflector.ts'
import { isTrue, type JobView, type PodView } from './views.ts'

export interface ClusterCache extends Omit<JobObjects, 'jobChanged' | 'podChanged'> {
  /** Resolves when each kind was listed, or a first attempt to list it has failed. */
  readonly tried: Promise<unknown>
  /** Resolves when both kinds were listed once. Rejects if the cache is stopped before. */
  readonly listed: Promise<unknown>
  /** Whether both kinds were listed once: an object that is missing from the cache then did not exist. */
  complete (): boolean
  /** Whether the cache is complete and in contact with the cluster. */
  fresh (): boolean
  /** The last failure of the watches, while there is no contact. */
  lastError (): Error | undefined
  /** Not ready if there never was contact, or if contact is lost for longer than a reconnect takes. */
  health (): Health
  /** Adds a Job from the reply to a write. */
  putJob (job: KubeObject): void
  /** Adds a pod from the reply to a read. */
  putPod (pod: KubeObject): void
  /** Marks a pod as gone, after the API server replied that it does not exist. */
  markPodGone (uid: string): void
  /** Resolves after the last call of `changed`. */
  stop (): Promise<void>
}

export interface ClusterCacheOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly instance: string
  readonly fetchLimit: number
  readonly watchSeconds: number
  readonly changed: (id: string) => void
  readonly counts: ClusterCounts
  readonly log: Logger
}

export function createClusterCache ({
  client,
  namespace,
  instance,
  fetchLimit,
  watchSeconds,
  changed,
  counts,
  log
}: ClusterCacheOptions): ClusterCache {
  const objects = createJobObjects(changed)

  function reflect<View> (
    kind: 'Job' | 'Pod',
    path: string,
    transform: (object: never) => View | undefined,
    changed: Changed<View>,
    nameIfUnfinished: (view: View) => string | undefined
  ): Reflector<View> {
    const reflector = createReflector<View>({
      client,
      path,
      labelSelector: instanceSelector(instance),
      fetchLimit,
      watchSeconds,
      transform,
      changed,
      nameIfUnfinished,
      ignored: createStrangerLog({ kind, namespace, log }),
      counts: { relisted: () => counts.relisted(kind), reconnected: cause => counts.reconnected(kind, cause) },
      log: log.child({ kind })
    })
    counts.showAge(kind, reflector.age)
    return reflector
  }

  const jobs = reflect('Job', jobsPath(namespace), transformJob, objects.jobChanged, nameOfUnfinishedJob)
  const pods = reflect('Pod', podsPath(namespace), transformPod, objects.podChanged, nameOfUnfinishedPod)
  const reflectors = [jobs, pods]
  let isComplete = false
  const bothListed = Promise.all(reflectors.map(one => one.ready))
  bothListed.then(() => { isComplete = true }, () => {})

  const contact = (): ContactState => ({
    complete: isComplete,
    ageMs: Math.max(...reflectors.map(one => one.age() ?? Infinity)),
    error: reflectors.map(one => one.lastError()).find(error => error !== undefined)
  })

  return {
    tried: Promise.all(reflectors.map(one => one.tried)),
    listed: bothListed,
    complete: () => isComplete,
    fresh: () => isFresh(contact()),
    lastError: () => contact().error,
    health: () => healthOf(contact()),
    jobOf: objects.jobOf,
    wasDeleted: objects.wasDeleted,
    podsOf: objects.podsOf,
    ids: objects.ids,
    putJob: jobs.put,
    putPod: pods.put,
    markPodGone: pods.markDeleted,
    drop: objects.drop,
    async stop () {
      await Promise.all(reflectors.map(one => one.stop()))
    }
  }
}

function nameOfUnfinishedJob ({ name, conditions }: JobView): string | undefined {
  return isTrue(conditions, 'Complete') || isTrue(conditions, 'Failed') ? undefined : name
}

/** A pod that has ended is deleted by its node and its Job. Without that, its output may still be read. */
function nameOfUnfinishedPod (pod: PodView): string | undefined {
  return pod.deletedAt !== undefined && isTerminal(pod) ? undefined : pod.name
}
