// Follows objects that a watch or a list no longer shows. A watch reports an object whose labels changed as deleted. So
// each of them is read by its name before it counts as deleted, and at intervals while it exists.

import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import { ignoreNotFound } from '../client/errors.ts'
import type { Calls } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'
import type { Wire } from '../client/wire.ts'
import { changedByClient } from './managed-fields.ts'

export interface Relabelled {
  /** Reads the object now, and at intervals until it has its labels again or is deleted. */
  follow (uid: string, object: Followed): void
  has (uid: string): boolean
  /** Resolves after the last call of `put` and `remove`. */
  stop (): Promise<void>
}

interface Followed {
  readonly name: string
  /** The last state, if an event of the deletion had one. */
  readonly last?: KubeObject
}

/**
 * A node's report of the end of a pod precedes the removal of the pod by about a second. A shorter interval also shows
 * more often that the pod was deleted before its program ended.
 */
const INTERVAL_MS = 250
/** Extends the interval by this for each object. */
const INTERVAL_PER_OBJECT_MS = 20
const CONCURRENCY = 10

/** `intervalMs` defaults to 250. */
export function createRelabelled ({ client, path, isSelected, put, remove, log, intervalMs = INTERVAL_MS }: {
  readonly client: Calls
  /** Path of the list. */
  readonly path: string
  /** Whether a watch shows the object. */
  readonly isSelected: (object: KubeObject) => boolean
  readonly put: (object: KubeObject) => void
  /** The object is deleted. */
  readonly remove: (uid: string, last: KubeObject | undefined) => void
  readonly log: Logger
  readonly intervalMs?: number
}): Relabelled {
  const followed = new Map<string, Followed>()
  const logged = new Set<string>()
  const due = new Set<string>()
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const stopping = new AbortController()
  const { signal } = stopping

  async function read (uid: string): Promise<void> {
    const { name, last } = followed.get(uid)!
    let object: KubeObject | undefined
    try {
      object = await ignoreNotFound(client.call<KubeObject>({ method: 'GET', path: `${path}/${name}`, noRetry: true }))
    } catch (err) {
      log.debug({ err, name }, 'relabelled object not read')
      return
    }
    if (signal.aborted) return
    if (object?.metadata?.uid !== uid) {
      forget(uid)
      remove(uid, last)
      return
    }
    if (isSelected(object)) {
      if (logged.has(uid)) log.info({ name }, 'object labels restored')
      forget(uid)
    } else {
      followed.set(uid, { name })
      warn(uid, object)
    }
    put(object)
  }

  function warn (uid: string, { metadata }: KubeObject): void {
    if (logged.has(uid)) return
    logged.add(uid)
    const { name, managedFields } = metadata as Wire<V1ObjectMeta>
    log.warn({ name, client: changedByClient(managedFields) }, 'object labels changed')
  }

  function forget (uid: string): void {
    followed.delete(uid)
    logged.delete(uid)
  }

  async function readDue (): Promise<void> {
    while (due.size > 0 && !signal.aborted) {
      const next = [...due].slice(0, CONCURRENCY)
      for (const uid of next) due.delete(uid)
      await Promise.all(next.filter(uid => followed.has(uid)).map(read))
    }
  }

  function start (): void {
    running ??= readDue().finally(() => {
      running = undefined
      if (followed.size === 0 || signal.aborted) return
      timer ??= setTimeout(() => {
        timer = undefined
        for (const uid of followed.keys()) due.add(uid)
        start()
      }, intervalMs + followed.size * INTERVAL_PER_OBJECT_MS).unref()
    })
  }

  return {
    follow (uid, object) {
      if (signal.aborted || followed.has(uid)) return
      followed.set(uid, object)
      due.add(uid)
      start()
    },
    has: uid => followed.has(uid),
    async stop () {
      stopping.abort()
      clearTimeout(timer)
      await running
    }
  }
}
