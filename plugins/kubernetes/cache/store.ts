// Keeps the projections of what the cluster holds, and tells of each change once.

import type { KubeObject } from '../client/watch.ts'

export interface Store<View> {
  /** By the uid of the object. */
  readonly views: ReadonlyMap<string, View>
  /** Takes an object, unless a newer version of it is known, or its deletion: news comes by several ways. */
  put (object: KubeObject): void
  /** Takes the object as it was at last, then tells that it is gone. */
  remove (object: KubeObject): void
  /** Tells that the object is gone, of whose last state nothing is known. */
  lose (uid: string): void
  /** Tells of the deletion of everything whose uid is not in `present`: what a whole list lacks is gone. */
  keepOnly (present: ReadonlySet<string>): void
}

/** So many deletions are remembered; what an answer still tells of such an object is seconds old at most. */
const REMEMBERED = 5000

/**
 * `changed` is told the uid, what is known now (undefined: the object is gone) and what was known before. Whatever it
 * or `project` throws goes to `failed` and stops nothing.
 */
export function createStore<View> (options: {
  readonly project: (object: never) => View | undefined
  readonly changed: (uid: string, view: View | undefined, previous: View | undefined) => void
  readonly failed: (error: unknown, uid: string) => void
}): Store<View> {
  const known = new Map<string, { view: View, version: string | undefined }>()
  const views = new Map<string, View>()
  /** Uids of what was deleted, the oldest first; no other object ever has them. */
  const deleted = new Set<string>()

  function guarded<T> (uid: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      options.failed(error, uid)
      return undefined
    }
  }

  function drop (uid: string): void {
    const previous = known.get(uid)
    if (previous === undefined) return
    known.delete(uid)
    views.delete(uid)
    guarded(uid, () => options.changed(uid, undefined, previous.view))
  }

  function put (object: KubeObject): void {
    const { uid, resourceVersion: version } = object.metadata ?? {}
    if (uid === undefined || deleted.has(uid)) return
    const previous = known.get(uid)
    if (previous !== undefined && !isNewer(version, previous.version)) return
    const view = guarded(uid, () => options.project(object as never))
    if (view === undefined) return
    known.set(uid, { view, version })
    views.set(uid, view)
    guarded(uid, () => options.changed(uid, view, previous?.view))
  }

  function lose (uid: string): void {
    drop(uid)
    deleted.add(uid)
    if (deleted.size > REMEMBERED) deleted.delete(deleted.values().next().value!)
  }

  return {
    views,
    put,
    lose,
    remove (object) {
      const uid = object.metadata?.uid ?? ''
      if (known.has(uid)) put(object)
      lose(uid)
    },
    keepOnly (present) {
      for (const uid of [...views.keys()]) if (!present.has(uid)) drop(uid)
    }
  }
}

/** The versions of Kubernetes are numbers that grow; whatever else comes counts as newer unless it is the same. */
function isNewer (version: string | undefined, known: string | undefined): boolean {
  if (version === undefined || known === undefined) return true
  const order = Number(version) - Number(known)
  return Number.isNaN(order) ? version !== known : order > 0
}
