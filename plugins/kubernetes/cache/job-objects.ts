// Keeps the Job and the pods of each job, from the changes that watches report. Ignores what is left of dropped jobs.

import { hadNoNode, markGone, trackPod, type TrackedPod } from './tracked-pod.ts'
import type { JobView, PodView } from './views.ts'

export interface JobObjects {
  jobOf (id: string): JobView | undefined
  /** Whether this launcher saw how the Job was deleted, by a watch, and none has taken its place. */
  wasDeleted (id: string): boolean
  /**
   * Every pod of the job's Job that was observed since this launcher started, including pods that are gone. Without
   * those that a suspension of the Job deleted before they had a node.
   */
  podsOf (id: string): readonly TrackedPod[]
  /** Ids of the jobs whose Job exists in the cluster. */
  ids (): Iterable<string>
  /** A Job was added, changed or deleted (`view` is undefined). `isWatched`: as in the store of objects. */
  jobChanged (uid: string, view: JobView | undefined, previous: JobView | undefined, isWatched?: boolean): void
  podChanged (uid: string, view: PodView | undefined, previous: PodView | undefined): void
  /** Removes the job from the cache, and ignores what is left of it in the cluster. */
  drop (id: string): void
}

/**
 * Whether the pod was deleted because its Job was suspended, and never ran. So the pod after a resumption is the job's
 * first one.
 */
function isWithdrawn (pod: PodView, job: JobView | undefined): boolean {
  return hadNoNode(pod) && job?.suspended === true && job.uid === pod.jobUid
}

interface Entry {
  job?: JobView
  wasDeleted?: boolean
  /** By uid. */
  readonly pods: Map<string, TrackedPod>
}

/** `changed` is called after each change of a job's objects. */
export function createJobObjects (changed: (id: string) => void): JobObjects {
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

  function jobChanged (
    uid: string, view: JobView | undefined, previous: JobView | undefined, isWatched = false
  ): void {
    const { jobId } = (view ?? previous)!
    if (isLeftover(jobId, uid, view === undefined)) return
    const entry = entryOf(jobId)
    // A Job may have been recreated under the same name: the DELETED event of the old one can arrive after the new one
    // is cached from the reply to its POST.
    const current = entry.job === undefined || entry.job.uid === uid
    if (view === undefined && current) {
      delete entry.job
      entry.wasDeleted = isWatched
    } else if (view !== undefined && (current || previous === undefined)) {
      entry.job = view
      entry.wasDeleted = false
    }
    for (const [podUid, pod] of entry.pods) if (isWithdrawn(pod, entry.job)) entry.pods.delete(podUid)
    if (entry.job === undefined && entry.pods.size === 0 && entry.wasDeleted !== true) entries.delete(jobId)
    changed(jobId)
  }

  function podChanged (uid: string, view: PodView | undefined, previous: PodView | undefined): void {
    const { jobId } = (view ?? previous)!
    if (isLeftover(jobId, uid, view === undefined)) return
    const { job, pods } = entryOf(jobId)
    if (view !== undefined && isWithdrawn(view, job)) {
      pods.delete(uid)
      changed(jobId)
      return
    }
    const tracked = view === undefined ? markGone(pods.get(uid)) : trackPod(pods.get(uid), view)
    if (tracked !== undefined) pods.set(uid, tracked)
    changed(jobId)
  }

  return {
    jobOf: id => entries.get(id)?.job,
    wasDeleted: id => entries.get(id)?.wasDeleted === true,
    podsOf (id) {
      const { job, pods } = entries.get(id) ?? {}
      const all = [...pods?.values() ?? []]
      return job === undefined ? all : all.filter(({ jobUid }) => jobUid === job.uid)
    },
    * ids () {
      for (const [id, { job }] of entries) if (job !== undefined) yield id
    },
    jobChanged,
    podChanged,
    drop (id) {
      const entry = entries.get(id)
      if (entry === undefined) return
      entries.delete(id)
      const leftovers = [...entry.pods.values()].filter(({ gone }) => !gone).map(({ uid }) => uid)
      if (entry.job !== undefined) leftovers.push(entry.job.uid)
      if (leftovers.length > 0) dropped.set(id, new Set(leftovers))
    }
  }
}
