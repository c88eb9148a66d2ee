// Stores the views of the cluster's objects, and reports each change once.

import type { KubeObject } from '../client/watch.ts'

export interface Store<View> {
  /** By the uid of the object. */
  readonly views: ReadonlyMap<string, View>
  /**
   * Adds an object, unless a newer version of it or its deletion is known: lists, watches and replies can arrive out of
   * order.
   */
  put (object: KubeObject): void
  /** Adds the last state of the object, then reports its deletion. */
  remove (object: KubeObject): void
  /** Reports the deletion of an object whose last state is unknown. */
  markDeleted (uid: string): void
  /**
   * Reports the deletion of every object whose uid is not in `present`: an object missing from a complete list is
   * deleted.
   */
  retainOnly (present: ReadonlySet<string>): void
}

export type Changed<View> =
  (uid: string, view: View | undefined, previous: View | undefined, isWatched?: boolean) => void

/** Number of deletions that are remembered. A reply can be behind the deletion by seconds at most. */
const MAX_DELETIONS = 5000

/**
 * `changed` gets the uid, the current view (undefined: the object is deleted) and the previous one. `isWatched`: its
 * deletion was observed when it happened. An error that it or `transform` throws goes to `failed` and stops nothing.
 */
export function createStore<View> (options: {
  readonly transform: (object: never) => View | undefined
  readonly changed: Changed<View>
  readonly failed: (error: unknown, uid: string) => void
  /** Called for an object that `transform` returns undefined for. Not called if undefined. */
  readonly ignored?: ((object: KubeObject) => void) | undefined
}): Store<View> {
  const entries = new Map<string, { view: View, version: string | undefined }>()
  const views = new Map<string, View>()
  /** Uids of deleted objects, the oldest first. A uid is never reused. */
  const deleted = new Set<string>()

  function guarded<T> (uid: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      options.failed(error, uid)
      return undefined
    }
  }

  function drop (uid: string, isWatched: boolean): void {
    const previous = entries.get(uid)
    if (previous === undefined) return
    entries.delete(uid)
    views.delete(uid)
    guarded(uid, () => options.changed(uid, undefined, previous.view, isWatched))
  }

  function put (object: KubeObject): void {
    const { uid, resourceVersion: version } = object.metadata ?? {}
    if (uid === undefined || deleted.has(uid)) return
    const previous = entries.get(uid)
    if (previous !== undefined && !isNewer(version, previous.version)) return
    const view = guarded(uid, () => {
      const found = options.transform(object as never)
      if (found === undefined) options.ignored?.(object)
      return found
    })
    if (view === undefined) return
    entries.set(uid, { view, version })
    views.set(uid, view)
    guarded(uid, () => options.changed(uid, view, previous?.view))
  }

  function markDeleted (uid: string, isWatched = false): void {
    drop(uid, isWatched)
    deleted.add(uid)
    if (deleted.size > MAX_DELETIONS) deleted.delete(deleted.values().next().value!)
  }

  return {
    views,
    put,
    markDeleted: uid => markDeleted(uid),
    remove (object) {
      const uid = object.metadata?.uid ?? ''
      if (entries.has(uid)) put(object)
      markDeleted(uid, true)
    },
    retainOnly (present) {
      for (const uid of [...views.keys()]) if (!present.has(uid)) drop(uid, false)
    }
  }
}

/** Resource versions of Kubernetes are increasing numbers. Any other value counts as newer unless it is equal. */
function isNewer (version: string | undefined, entries: string | undefined): boolean {
  if (version === undefined || entries === undefined) return true
  const order = Number(version) - Number(entries)
  return Number.isNaN(order) ? version !== entries : order > 0
}
