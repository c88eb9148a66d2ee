// Caches the Jobs and pods of this instance's jobs. Two reflectors keep the cache up to date.

import type { Logger } from 'pino'
import type { ClusterCounts, Health } from '../../../launcher/plugin.ts'
import type { KubeClient } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'
import { jobsPath, podsPath } from '../client/paths.ts'
import { instanceSelector } from '../metadata/labels.ts'
import { markGone, trackPod, type TrackedPod } from './tracked-pod.ts'
import { transformJob, transformPod } from './transform.ts'
import { createReflector, type Reflector } from './reflector.ts'
import type { JobView, PodView } from './views.ts'

export interface ClusterCache {
  /** Resolves when each kind was listed, or a first attempt to list it has failed. */
  readonly tried: Promise<unknown>
  /** Resolves when both kinds were listed once. Rejects if the cache is stopped before. */
  readonly listed: Promise<unknown>
  /** Whether both kinds were listed once: an object that is missing from the cache then did not exist. */
  complete (): boolean
  /** Whether the cache is complete and in contact with the cluster. */
  fresh (): boolean
  /** Not ready if there never was contact, or if contact is lost for longer than a reconnect takes. */
  health (): Health
  jobOf (id: string): JobView | undefined
  /** Every pod of the job that was observed since this launcher started, including pods that are gone. */
  podsOf (id: string): readonly TrackedPod[]
  /** Ids of the jobs whose Job exists in the cluster. */
  ids (): Iterable<string>
  /** Adds a Job from the reply to a write. */
  putJob (job: KubeObject): void
  /** Adds a pod from the reply to a read. */
  putPod (pod: KubeObject): void
  /** Marks a pod as gone, after the API server replied that it does not exist. */
  markPodGone (uid: string): void
  /** Removes the job from the cache, and ignores what is left of it in the cluster. */
  drop (id: string): void
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

interface Entry {
  job?: JobView
  /** By uid. */
  readonly pods: Map<string, TrackedPod>
}

/** A little more than the time between two bookmarks, which come about each minute. */
const FRESH_MS = 75_000
/** A shorter loss of contact does not make the cluster unready. */
const TOLERATED_OUTAGE_MS = 10_000

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
  const entries = new Map<string, Entry>()
  /** Dropped jobs, with the uids of their objects that still exist. */
  const dropped = new Map<string, Set<string>>()

  function entryOf (id: string): Entry {
    const entry = entries.get(id) ?? { pods: new Map() }
    entries.set(id, entry)
    return entry
  }

  /** Whether the object belongs to a dropped job. */
  function isLeftover (id: string, uid: string, gone: boolean): boolean {
    const leftovers = dropped.get(id)
    if (leftovers === undefined) return false
    if (gone) leftovers.delete(uid)
    else leftovers.add(uid)
    if (leftovers.size === 0) dropped.delete(id)
    return true
  }

  function jobChanged (uid: string, view: JobView | undefined, previous: JobView | undefined): void {
    const { jobId } = (view ?? previous)!
    if (isLeftover(jobId, uid, view === undefined)) return
    const entry = entryOf(jobId)
    // A Job may have been recreated under the same name: the DELETED event of the old one can arrive after the new one
    // is cached from the reply to its POST.
    const current = entry.job === undefined || entry.job.uid === uid
    if (view === undefined && current) delete entry.job
    else if (view !== undefined && (current || previous === undefined)) entry.job = view
    if (entry.job === undefined && entry.pods.size === 0) entries.delete(jobId)
    changed(jobId)
  }

  function podChanged (uid: string, view: PodView | undefined, previous: PodView | undefined): void {
    const { jobId } = (view ?? previous)!
    if (isLeftover(jobId, uid, view === undefined)) return
    const { pods } = entryOf(jobId)
    const tracked = view === undefined ? markGone(pods.get(uid)) : trackPod(pods.get(uid), view)
    if (tracked !== undefined) pods.set(uid, tracked)
    changed(jobId)
  }

  function reflect<View> (
    kind: string,
    path: string,
    transform: (object: never) => View | undefined,
    changed: (uid: string, view: View | undefined, previous: View | undefined) => void
  ): Reflector<View> {
    const reflector = createReflector<View>({
      client,
      path,
      labelSelector: instanceSelector(instance),
      fetchLimit,
      watchSeconds,
      transform,
      changed,
      counts: { relisted: () => counts.relisted(kind), reconnected: cause => counts.reconnected(kind, cause) },
      log: log.child({ kind })
    })
    counts.showAge(kind, reflector.age)
    return reflector
  }

  const jobs = reflect('Job', jobsPath(namespace), transformJob, jobChanged)
  const pods = reflect('Pod', podsPath(namespace), transformPod, podChanged)
  const reflectors = [jobs, pods]
  let isComplete = false
  const bothListed = Promise.all(reflectors.map(one => one.ready))
  bothListed.then(() => { isComplete = true }, () => {})

  const complete = (): boolean => isComplete
  const lastError = (): Error | undefined => reflectors.map(one => one.lastError()).find(error => error !== undefined)
  const ageMs = (): number => Math.max(...reflectors.map(one => one.age() ?? Infinity))

  return {
    tried: Promise.all(reflectors.map(one => one.tried)),
    listed: bothListed,
    complete,
    fresh: () => complete() && lastError() === undefined && ageMs() < FRESH_MS,
    health () {
      const error = lastError()
      if (complete() && ageMs() < (error === undefined ? FRESH_MS : TOLERATED_OUTAGE_MS)) return { ready: true }
      const since = complete()
        ? `No contact with the cluster for ${Math.round(ageMs() / 1000)} s`
        : 'No contact with the cluster yet'
      const problem = error === undefined ? since : `${since}: ${error.message}`
      return {
        ready: false,
        message: `${problem}${/[.!]$/.test(problem) ? '' : '.'} Run job-launcher doctor to find the cause.`
      }
    },
    jobOf: id => entries.get(id)?.job,
    podsOf: id => [...entries.get(id)?.pods.values() ?? []],
    * ids () {
      for (const [id, { job }] of entries) if (job !== undefined) yield id
    },
    putJob: jobs.put,
    putPod: pods.put,
    markPodGone: pods.markDeleted,
    drop (id) {
      const entry = entries.get(id)
      if (entry === undefined) return
      entries.delete(id)
      const leftovers = [...entry.pods.values()].filter(({ gone }) => !gone).map(({ uid }) => uid)
      if (entry.job !== undefined) leftovers.push(entry.job.uid)
      if (leftovers.length > 0) dropped.set(id, new Set(leftovers))
    },
    async stop () {
      await Promise.all(reflectors.map(one => one.stop()))
    }
  }
}
