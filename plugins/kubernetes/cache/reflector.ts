// Keeps a local copy of one kind of object up to date: lists the objects, watches for changes, and retries forever.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isGone } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { watch, type KubeObject } from '../client/watch.ts'
import { isSelectedBy } from '../metadata/labels.ts'
import { createContact, type Contact } from './contact.ts'
import { listPages } from './list-pages.ts'
import { createRelabelled, type Relabelled } from './relabelled.ts'
import { createStore, type Changed } from './store.ts'

export interface ReflectorOptions<View> {
  readonly client: KubeClient
  /** Path of the list, such as /apis/batch/v1/namespaces/rstudio/jobs. */
  readonly path: string
  readonly labelSelector: string
  /** Objects per page of a list. */
  readonly fetchLimit: number
  /** Returns the needed fields of an object; the rest is dropped at once. Undefined: not an object of the launcher. */
  readonly transform: (object: never) => View | undefined
  /**
   * Called once per change, after the views show it: an object was added, changed, or deleted (`view` is undefined).
   */
  readonly changed: Changed<View>
  /**
   * Returns the name of an object that may still exist although no list or watch shows it, because its labels changed.
   * It is read by this name before it counts as deleted. Undefined: its deletion is certain, or changes nothing.
   */
  readonly nameIfUnfinished?: (view: View) => string | undefined
  /** Called for each object that `transform` returns undefined for. */
  readonly ignored?: (object: KubeObject) => void
  readonly counts: ReflectorCounts
  readonly log: Logger
  /** Maximum duration of one watch in seconds. Each watch lasts between half of it and all of it. */
  readonly watchSeconds: number
  /** Milliseconds without a byte after which a watch counts as dead. Defaults to 90,000. */
  readonly idleTimeoutMs?: number
}

/** Counters, backed by the launcher's metrics. */
interface ReflectorCounts {
  relisted (): void
  /**
   * A watch ended: `timeout` (as requested), `gone` (410), `silence`, `deadline`, `certificate`, `credentials`, an HTTP
   * status, or a system code.
   */
  reconnected (cause: string): void
}

export interface Reflector<View> extends Pick<Contact, 'age' | 'lastError'> {
  /** Resolves after the first complete list. Rejects only if the reflector is stopped before. */
  readonly ready: Promise<void>
  /** Resolves when the first list is complete, or when the first attempt has failed (`lastError` returns why). */
  readonly tried: Promise<void>
  /** Adds an object from the reply to a write, without waiting for its event. */
  put (object: KubeObject): void
  /** Marks an object as deleted. */
  markDeleted (uid: string): void
  /** By uid. */
  readonly views: ReadonlyMap<string, View>
  /** Ends the watch. Resolves after the last call of `changed`. */
  stop (): Promise<void>
}

const IDLE_TIMEOUT_MS = 90_000
/** Objects of a list that are processed in one turn of the event loop. */
const OBJECTS_PER_TURN = 20
const RELIST_INTERVAL_MS = 600_000
const FIRST_DELAY_MS = 200
const MAX_DELAY_MS = 30_000
/** A watch that ends sooner and without an event counts as a failure, so that it is not reopened without a delay. */
const SHORT_WATCH_MS = 1000

export function createReflector<View> ({
  client,
  path,
  labelSelector,
  fetchLimit,
  transform,
  changed,
  nameIfUnfinished = () => undefined,
  ignored,
  counts,
  watchSeconds,
  log,
  idleTimeoutMs = IDLE_TIMEOUT_MS
}: ReflectorOptions<View>): Reflector<View> {
  const stopping = new AbortController()
  const { signal } = stopping
  const first = Promise.withResolvers<void>()
  first.promise.catch(() => {})
  const tried = Promise.withResolvers<void>()
  /** Uids added by `put` during a list that may not contain them yet. */
  let putDuringList: Set<string> | undefined
  const store = createStore<View>({
    transform,
    changed,
    failed: (err, uid) => log.error({ err, uid }, 'object change handler failed'),
    ignored
  })
  const isSelected = ({ metadata }: KubeObject): boolean => isSelectedBy(labelSelector, metadata?.labels)
  const relabelled: Relabelled = createRelabelled({
    client,
    path,
    isSelected,
    put: store.put,
    remove: (uid, last) => last === undefined ? store.markDeleted(uid) : store.remove(last),
    log
  })
  const contact = createContact(log)
  let version: string | undefined
  let relistAt = 0
  /** Whether the current watch has received an event. */
  let receivedEvents = false

  async function list (): Promise<void> {
    const present = putDuringList = new Set<string>()
    let listed = ''
    const request = { path, labelSelector, limit: fetchLimit, signal }
    for await (const { items, resourceVersion } of listPages(client, request)) {
      contact.received()
      for (const [index, object] of items.entries()) {
        if (object.metadata?.uid !== undefined) present.add(object.metadata.uid)
        store.put(object)
        if (index % OBJECTS_PER_TURN === OBJECTS_PER_TURN - 1) await turn()
      }
      listed = resourceVersion
    }
    for (const [uid, view] of store.views) {
      if (present.has(uid)) continue
      const name = nameIfUnfinished(view)
      if (name === undefined) continue
      relabelled.follow(uid, { name })
      present.add(uid)
    }
    store.retainOnly(present)
    putDuringList = undefined
    version = listed
    relistAt = performance.now() + RELIST_INTERVAL_MS * (0.9 + Math.random() / 5)
    counts.relisted()
    first.resolve()
    tried.resolve()
  }

  /** The object is deleted, or its labels changed. The event is the same. */
  function left (object: KubeObject): void {
    const uid = object.metadata?.uid ?? ''
    const known = store.views.get(uid)
    const name = known === undefined ? undefined : nameIfUnfinished(lastView(object) ?? known)
    if (name === undefined) store.remove(object)
    else relabelled.follow(uid, { name, last: object })
  }

  function lastView (object: KubeObject): View | undefined {
    try {
      return transform(object as never)
    } catch {
      return undefined
    }
  }

  /** Resolves when the server ends the watch. */
  async function watchFrom (resourceVersion: string): Promise<void> {
    const seconds = watchSeconds * (1 + Math.random()) / 2
    const secondsUntilRelist = Math.max(1, (relistAt - performance.now()) / 1000)
    for await (const events of watch(client, {
      path,
      query: { labelSelector },
      resourceVersion,
      seconds: Math.ceil(Math.min(seconds, secondsUntilRelist)),
      idleTimeoutMs,
      signal
    })) {
      contact.watching()
      receivedEvents ||= events.length > 0
      for (const { type, object } of events) {
        version = object.metadata?.resourceVersion ?? version
        if (type === 'DELETED') left(object)
        else if (type !== 'BOOKMARK') store.put(object)
      }
    }
  }

  function recordFailure (error: unknown, failures: number): void {
    contact.failed(error as Error, failures)
    tried.resolve()
    counts.reconnected(causeOf(error))
    if (isGone(error)) version = undefined
  }

  async function listAndWatch (): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const startedAt = performance.now()
      receivedEvents = false
      try {
        if (version === undefined || startedAt >= relistAt) await list()
        await watchFrom(version!)
        counts.reconnected('timeout')
        failures = receivedEvents || performance.now() - startedAt > SHORT_WATCH_MS ? 0 : failures + 1
        await backOff(failures, 0, signal)
      } catch (error) {
        if (signal.aborted) return
        failures = receivedEvents ? 1 : failures + 1
        recordFailure(error, failures)
        // Only the version has expired, so list again at once. Back off only if that repeats at once.
        if (isGone(error) && failures === 1) continue
        await backOff(failures, retryAfterMs(error), signal)
      }
    }
  }

  const running = listAndWatch().finally(() => first.reject(signal.reason))
  return {
    ready: first.promise,
    tried: tried.promise,
    put (object) {
      if (object.metadata?.uid !== undefined) putDuringList?.add(object.metadata.uid)
      store.put(object)
      const { uid, name } = object.metadata ?? {}
      const view = store.views.get(uid ?? '')
      if (view === undefined || isSelected(object) || nameIfUnfinished(view) === undefined) return
      relabelled.follow(uid!, { name: name! })
    },
    markDeleted: store.markDeleted,
    views: store.views,
    age: contact.age,
    lastError: contact.lastError,
    async stop () {
      stopping.abort()
      await Promise.all([running, relabelled.stop()])
    }
  }
}

async function backOff (failures: number, retryAfterMs: number, signal: AbortSignal): Promise<void> {
  if (failures === 0) return
  const ms = retryAfterMs + backoffMs(failures, FIRST_DELAY_MS, MAX_DELAY_MS)
  await delay(ms, undefined, { signal }).catch(() => {})
}

/** How long the server asks to wait. */
function retryAfterMs (error: unknown): number {
  return error instanceof KubeApiError ? Math.min(error.retryAfterMs ?? 0, MAX_DELAY_MS) : 0
}

function causeOf (error: unknown): string {
  if (isGone(error)) return 'gone'
  if (error instanceof KubeApiError) return String(error.status)
  return error instanceof NoAnswerError ? error.reason : 'other'
}
