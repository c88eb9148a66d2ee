// Keeps a picture of one kind of object up to date: lists, watches from there, and never gives up.

import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { backoffMs } from '../../../launcher/lib/backoff.ts'
import { KubeApiError, NoAnswerError, isGone } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { watch, type KubeObject } from '../client/watch.ts'
import { createStore } from './store.ts'

export interface ReflectorOptions<View> {
  readonly client: KubeClient
  /** Path of the list, such as /apis/batch/v1/namespaces/rstudio/jobs. */
  readonly path: string
  readonly labelSelector: string
  /** Objects a page of a list. */
  readonly fetchLimit: number
  /** Takes what is needed of an object; the rest is dropped at once. Undefined: not one of ours. */
  readonly transform: (object: never) => View | undefined
  /** An object came, changed, or is gone (`view` is undefined). Called once a change, after the views show it. */
  readonly changed: (uid: string, view: View | undefined, previous: View | undefined) => void
  readonly counts: ReflectorCounts
  readonly log: Logger
  /** Longest life of one watch in seconds; each lives between half of it and all of it. */
  readonly watchSeconds: number
  /** Milliseconds of silence after which a watch counts as dead; 90,000 when it is left out. */
  readonly idleTimeoutMs?: number
}

/** What is counted; the launcher's metrics stand behind it. */
export interface ReflectorCounts {
  relisted (): void
  /**
   * A watch ended: `timeout` (as asked for), `gone` (410), `silence`, `deadline`, `certificate`, `credentials`, an HTTP
   * status, or a system code.
   */
  reconnected (cause: string): void
}

export interface Reflector<View> {
  /** Resolves after the first whole list. Rejects only when the reflector is stopped before. */
  readonly ready: Promise<void>
  /** Resolves when the first list is there, or the first try has failed (`trouble` says why). */
  readonly tried: Promise<void>
  /** Takes an object from the reply to a write, so that it is known at once. */
  put (object: KubeObject): void
  /** Takes it that an object is gone. */
  lose (uid: string): void
  /** By uid. */
  readonly views: ReadonlyMap<string, View>
  /** Milliseconds since the server last said anything, bookmarks included; undefined before the first list. */
  age (): number | undefined
  /** Why there is no contact now, in the words of the last failure; undefined while there is. */
  trouble (): Error | undefined
  /** Ends the watch; resolves when nothing will be told any more. */
  stop (): Promise<void>
}

const SILENCE_MS = 90_000
/** Objects of a list that are taken before others have their turn. */
const AT_ONCE = 20
const RELIST_EVERY_MS = 600_000
const FIRST_WAIT_MS = 200
const MOST_WAIT_MS = 30_000
/**
 * A watch that ends sooner, and with nothing to tell, counts as a failure, so that it is not repeated at full speed.
 */
const SHORT_WATCH_MS = 1000

export function createReflector<View> ({
  client,
  path,
  labelSelector,
  fetchLimit,
  transform: project,
  changed,
  counts,
  watchSeconds,
  log,
  idleTimeoutMs: silenceMs = SILENCE_MS
}: ReflectorOptions<View>): Reflector<View> {
  const stopping = new AbortController()
  const { signal } = stopping
  const first = Promise.withResolvers<void>()
  first.promise.catch(() => {})
  const tried = Promise.withResolvers<void>()
  /** What came from replies while a list was read that may not have it yet. */
  let putMeanwhile: Set<string> | undefined
  const cache = createStore<View>({
    project,
    changed,
    failed: (err, uid) => log.error({ err, uid }, 'a change of an object could not be handled')
  })
  let version: string | undefined
  let relistAt = 0
  let contactAt: number | undefined
  let trouble: Error | undefined
  /** Whether the present watch has told anything. */
  let lively = false

  function contact (): void {
    contactAt = performance.now()
    trouble = undefined
  }

  async function list (): Promise<void> {
    const present = putMeanwhile = new Set<string>()
    let page: { items?: KubeObject[], metadata?: { continue?: string, resourceVersion?: string } }
    let next: string | undefined
    do {
      page = await client.call({
        method: 'GET',
        path,
        query: { labelSelector, limit: fetchLimit, continue: next },
        noRetry: true,
        signal
      })
      contact()
      for (const [index, object] of (page.items ?? []).entries()) {
        if (object.metadata?.uid !== undefined) present.add(object.metadata.uid)
        cache.put(object)
        if (index % AT_ONCE === AT_ONCE - 1) await turn()
      }
      next = page.metadata?.continue || undefined
    } while (next !== undefined)
    cache.keepOnly(present)
    putMeanwhile = undefined
    version = page.metadata?.resourceVersion ?? ''
    relistAt = performance.now() + RELIST_EVERY_MS * (0.9 + Math.random() / 5)
    counts.relisted()
    first.resolve()
    tried.resolve()
  }

  /** Resolves when the server ended the watch. */
  async function follow (resourceVersion: string): Promise<void> {
    const seconds = watchSeconds * (1 + Math.random()) / 2
    const left = Math.max(1, (relistAt - performance.now()) / 1000)
    for await (const events of watch(client, {
      path,
      query: { labelSelector },
      resourceVersion,
      seconds: Math.ceil(Math.min(seconds, left)),
      idleTimeoutMs: silenceMs,
      signal
    })) {
      contact()
      lively ||= events.length > 0
      for (const { type, object } of events) {
        version = object.metadata?.resourceVersion ?? version
        if (type === 'DELETED') cache.remove(object)
        else if (type !== 'BOOKMARK') cache.put(object)
      }
    }
  }

  async function run (): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const begun = performance.now()
      lively = false
      let waitMs = 0
      try {
        if (version === undefined || begun >= relistAt) await list()
        await follow(version!)
        counts.reconnected('timeout')
        failures = lively || performance.now() - begun > SHORT_WATCH_MS ? 0 : failures + 1
      } catch (error) {
        if (signal.aborted) return
        failures = lively ? 1 : failures + 1
        trouble = error as Error
        tried.resolve()
        counts.reconnected(causeOf(error))
        log[failures === 3 ? 'warn' : 'debug']({ err: error, failures }, 'the watch of the cluster was interrupted')
        if (isGone(error)) {
          version = undefined
          // Nothing is wrong but the version; only when that happens again at once is there something to wait for.
          if (failures === 1) continue
        }
        if (error instanceof KubeApiError) waitMs = Math.min(error.retryAfterMs ?? 0, MOST_WAIT_MS)
      }
      if (failures > 0) {
        await delay(waitMs + backoffMs(failures, FIRST_WAIT_MS, MOST_WAIT_MS), undefined, { signal }).catch(() => {})
      }
    }
  }

  const running = run().finally(() => first.reject(signal.reason))
  return {
    ready: first.promise,
    tried: tried.promise,
    put (object) {
      if (object.metadata?.uid !== undefined) putMeanwhile?.add(object.metadata.uid)
      cache.put(object)
    },
    lose: cache.lose,
    views: cache.views,
    age: () => contactAt === undefined ? undefined : performance.now() - contactAt,
    trouble: () => trouble,
    async stop () {
      stopping.abort()
      await running
    }
  }
}

function causeOf (error: unknown): string {
  if (isGone(error)) return 'gone'
  if (error instanceof KubeApiError) return String(error.status)
  return error instanceof NoAnswerError ? error.reason : 'other'
}
