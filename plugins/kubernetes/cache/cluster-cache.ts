// What is known of this instance's jobs in the cluster: their Jobs and pods, kept up to date by two reflectors.

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
  /** Resolves when both kinds were listed, or a first try has failed. */
  readonly tried: Promise<unknown>
  /** Resolves when both kinds were listed once; rejects when that can no longer be. */
  readonly listed: Promise<unknown>
  /** Whether both kinds were listed once: what is not there then did not exist. */
  complete (): boolean
  /** Complete, and in contact with the cluster. */
  fresh (): boolean
  /** Not ready when there never was contact, or when it was lost for longer than it takes to connect again. */
  health (): Health
  jobOf (id: string): JobView | undefined
  /** Every pod of the job that was seen since this launcher runs, those that are gone included. */
  podsOf (id: string): readonly TrackedPod[]
  /** Ids of the jobs whose Job is in the cluster. */
  ids (): Iterable<string>
  /** Takes the Job from the reply to a write. */
  putJob (job: KubeObject): void
  /** Takes a pod from the reply to a question. */
  putPod (pod: KubeObject): void
  /** Takes it that a pod is gone: the cluster was asked, and does not have it. */
  markPodGone (uid: string): void
  /** Knows nothing of the job any more, and does not take up what is left of it in the cluster. */
  drop (id: string): void
  /** Resolves when nothing will be told any more. */
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

interface Known {
  job?: JobView
  /** By uid. */
  readonly pods: Map<string, TrackedPod>
}

/** A little more than the time between two bookmarks, which come about each minute. */
const FRESH_MS = 75_000
/** Contact that is lost for less is not worth an alarm. */
const BLIP_MS = 10_000

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
  const known = new Map<string, Known>()
  /** Jobs that were dropped, with the uids of what is left of them. */
  const dropped = new Map<string, Set<string>>()

  function knownOf (id: string): Known {
    const entry = known.get(id) ?? { pods: new Map() }
    known.set(id, entry)
    return entry
  }

  /** Whether the object is a rest of a dropped job. */
  function isRest (id: string, uid: string, gone: boolean): boolean {
    const rest = dropped.get(id)
    if (rest === undefined) return false
    if (gone) rest.delete(uid)
    else rest.add(uid)
    if (rest.size === 0) dropped.delete(id)
    return true
  }

  function jobChanged (uid: string, view: JobView | undefined, previous: JobView | undefined): void {
    const { jobId } = (view ?? previous)!
    if (isRest(jobId, uid, view === undefined)) return
    const entry = knownOf(jobId)
    // Of two Jobs of one name the first is still to tell of its end when the second is known from the reply to its
    // making.
    const current = entry.job === undefined || entry.job.uid === uid
    if (view === undefined && current) delete entry.job
    else if (view !== undefined && (current || previous === undefined)) entry.job = view
    if (entry.job === undefined && entry.pods.size === 0) known.delete(jobId)
    changed(jobId)
  }

  function podChanged (uid: string, view: PodView | undefined, previous: PodView | undefined): void {
    const { jobId } = (view ?? previous)!
    if (isRest(jobId, uid, view === undefined)) return
    const { pods } = knownOf(jobId)
    const seen = view === undefined ? markGone(pods.get(uid)) : trackPod(pods.get(uid), view)
    if (seen !== undefined) pods.set(uid, seen)
    changed(jobId)
  }

  function reflect<View> (
    kind: string,
    path: string,
    project: (object: never) => View | undefined,
    changed: (uid: string, view: View | undefined, previous: View | undefined) => void
  ): Reflector<View> {
    const made = createReflector<View>({
      client,
      path,
      labelSelector: instanceSelector(instance),
      fetchLimit,
      watchSeconds,
      transform: project,
      changed,
      counts: { relisted: () => counts.relisted(kind), reconnected: cause => counts.reconnected(kind, cause) },
      log: log.child({ kind })
    })
    counts.showAge(kind, made.age)
    return made
  }

  const jobs = reflect('Job', jobsPath(namespace), transformJob, jobChanged)
  const pods = reflect('Pod', podsPath(namespace), transformPod, podChanged)
  const both = [jobs, pods]
  let isComplete = false
  const bothListed = Promise.all(both.map(one => one.ready))
  bothListed.then(() => { isComplete = true }, () => {})

  const complete = (): boolean => isComplete
  const trouble = (): Error | undefined => both.map(one => one.trouble()).find(error => error !== undefined)
  const ageMs = (): number => Math.max(...both.map(one => one.age() ?? Infinity))

  return {
    tried: Promise.all(both.map(one => one.tried)),
    listed: bothListed,
    complete,
    fresh: () => complete() && trouble() === undefined && ageMs() < FRESH_MS,
    health () {
      const error = trouble()
      if (complete() && ageMs() < (error === undefined ? FRESH_MS : BLIP_MS)) return { ready: true }
      const since = complete()
        ? `There was no contact with the cluster for ${Math.round(ageMs() / 1000)} s`
        : 'There was no contact with the cluster yet'
      return {
        ready: false,
        message: `${since}${error === undefined ? '' : `: ${error.message}`}${/[.!]$/.test(error?.message ?? '') ? '' : '.'} job-launcher doctor shows what is wrong.`
      }
    },
    jobOf: id => known.get(id)?.job,
    podsOf: id => [...known.get(id)?.pods.values() ?? []],
    * ids () {
      for (const [id, { job }] of known) if (job !== undefined) yield id
    },
    putJob: jobs.put,
    putPod: pods.put,
    markPodGone: pods.lose,
    drop (id) {
      const entry = known.get(id)
      if (entry === undefined) return
      known.delete(id)
      const rest = [...entry.pods.values()].filter(({ gone }) => !gone).map(({ uid }) => uid)
      if (entry.job !== undefined) rest.push(entry.job.uid)
      if (rest.length > 0) dropped.set(id, new Set(rest))
    },
    async stop () {
      await Promise.all(both.map(one => one.stop()))
    }
  }
}
