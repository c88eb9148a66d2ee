// Adopts the jobs of an earlier launcher, cluster by cluster: those in the store, and those that only a cluster still
// knows.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isLauncherError, LauncherError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'
import type { Intent } from '../model/intent.ts'
import type { Job } from '../model/job.ts'
import type { Cluster } from './cluster.ts'
import type { Reconciler } from './reconcile.ts'
import type { Store } from './store/store.ts'

export interface Adoption {
  /**
   * Resolves once every unfinished job of the store is queued for reconciling, and each cluster that adopts at once is
   * adopted or failed, or ten seconds have passed. The others are adopted in the background. A failed list is retried
   * until it succeeds.
   */
  begin (): Promise<void>
  /** Names of the clusters whose jobs may be missing in the store; only of these, if `among` is given. */
  incomplete (among?: readonly string[]): string[]
  /** Returns the revision of the last job that these clusters, or all, recovered. Undefined while any is incomplete. */
  completeAt (among?: readonly string[]): number | undefined
}

interface Dependencies {
  store: Store
  clusters: ReadonlyMap<string, Cluster>
  reconciler: Pick<Reconciler, 'adopt'>
  log: Logger
  /** Ends the retries for clusters that could not be listed. */
  signal: AbortSignal
  /** Called for each cluster once its jobs are in the store. */
  onComplete: () => void
  /** Milliseconds that `begin` waits for clusters. */
  waitMs?: number
}

/** Milliseconds per event-loop iteration for comparing the jobs that a cluster lists with the store. */
const BUDGET_MS = 10
/** Lost jobs that are read from a cluster at once, and stored in one commit. */
const AT_ONCE = 32
const FIRST_RETRY_MS = 200
/** The launcher retries often, because listing an unreachable cluster puts no load on it. */
const MAX_RETRY_MS = 5000
const RETRY_AFTER_SECONDS = 1
/** A host gives a launcher about half a minute to become ready. */
const WAIT_MS = 10_000

export function createAdoption ({
  store,
  clusters,
  reconciler,
  log,
  signal,
  onComplete,
  waitMs = WAIT_MS
}: Dependencies): Adoption {
  const complete = new Set<string>()
  /** For each cluster, the revision of the last job that was recovered. */
  const revisions = new Map<string, number>()
  const yieldIfBusy = createEventLoopBudget({ ms: BUDGET_MS })
  let known = new Set<string>()

  const incomplete = (among?: readonly string[]): string[] =>
    Array.from(clusters.keys()).filter(name => !complete.has(name) && (among?.includes(name) ?? true))

  async function tryToRecover (cluster: Cluster, attempt: number, failedAt?: number): Promise<number> {
    try {
      const count = await recoverUnknown(cluster)
      if (failedAt !== undefined) {
        const outageMs = Math.round(performance.now() - failedAt)
        log.info({ cluster: cluster.name, outageMs, recovered: count }, 'job list restored')
      }
      return count
    } catch (error) {
      if (signal.aborted) return 0
      // An unavailable cluster is logged once; its health shows the present state.
      const isAway = isLauncherError(error, 'ClusterUnavailable')
      const level = !isAway ? 'error' : attempt === 1 ? 'warn' : 'debug'
      log[level](
        { err: error, cluster: cluster.name },
        'job list failed, will retry'
      )
      const firstFailure = failedAt ?? performance.now()
      const delayMs = isAway ? backoffMs(attempt, FIRST_RETRY_MS, MAX_RETRY_MS) : backoffMs(attempt)
      delay(delayMs, undefined, { signal, ref: false }).then(
        () => tryToRecover(cluster, attempt + 1, firstFailure),
        () => {}
      )
      return 0
    }
  }

  async function recoverUnknown (cluster: Cluster): Promise<number> {
    const recovered: Job[] = []
    let unknown: string[] = []
    const recoverAll = async (): Promise<void> => {
      signal.throwIfAborted()
      await Promise.all(unknown.map(async id => { recovered.push(...await recover(cluster, id)) }))
      unknown = []
    }
    try {
      for await (const id of cluster.plugin.list()) {
        await yieldIfBusy()
        if (known.has(id)) {
          const noted = cluster.plugin.notedIntent?.(id)
          if (noted !== undefined) restoreIntent(noted, id)
          continue
        }
        if (store.get(id) !== undefined) continue
        unknown.push(id)
        if (unknown.length === AT_ONCE) await recoverAll()
      }
      await recoverAll()
    } finally {
      // Only now, because reconciling would delay the recovery of the others.
      for (const job of recovered) reconciler.adopt(job)
    }
    if (!store.wasAdopted(cluster.name)) await store.setAdopted(cluster.name)
    complete.add(cluster.name)
    onComplete()
    return recovered.length
  }

  /** Resolves with the job, or with nothing. */
  async function recover ({ name, plugin }: Cluster, id: string): Promise<Job[]> {
    const job = await plugin.recover(id)
    if (job?.id !== id) {
      log.warn({ job: id, cluster: name }, 'job without readable record ignored')
      return []
    }
    const stored = await store.insertRecovered({ ...job, cluster: name, submittedToBackend: true })
    revisions.set(name, Math.max(stored.revision, revisions.get(name) ?? 0))
    return [stored]
  }

  /** A request that was carried out on a full disk may be missing in the store. */
  function restoreIntent (noted: Intent, id: string): void {
    const stored = store.get(id)?.intent?.operation
    if (stored !== 'kill' && stored !== noted.operation) store.keepIntent(id, noted)
  }

  return {
    incomplete,

    completeAt (among) {
      if (incomplete(among).length > 0) return undefined
      return Math.max(0, ...(among ?? [...clusters.keys()]).map(name => revisions.get(name) ?? 0))
    },

    async begin () {
      const unfinished = store.unfinished()
      known = new Set(unfinished.map(({ id }) => id))
      const all = Array.from(clusters.values(), cluster => ({ cluster, recovered: tryToRecover(cluster, 1) }))
      const waited = Promise.withResolvers<void>()
      const timer = setTimeout(waited.resolve, waitMs)
      await Promise.race([
        Promise.all(all.map(({ cluster, recovered }) => cluster.plugin.adoptsAtOnce === true && recovered)),
        waited.promise
      ])
      clearTimeout(timer)
      for (const job of unfinished) reconciler.adopt(job)
      for (const { starts } of clusters.values()) starts.open()
      Promise.all(all.map(({ recovered }) => recovered)).then(counts => {
        const recovered = counts.reduce((sum, count) => sum + count, 0)
        if (unfinished.length + recovered === 0) return
        log.info({ unfinished: unfinished.length, recovered }, 'jobs of earlier launcher adopted')
      })
    }
  }
}

/** The reply for a job or a key that may belong to a cluster whose jobs are not all known. */
export function adoptionIncomplete (what: string, clusters: readonly string[]): LauncherError {
  return new LauncherError(
    'AdoptionIncomplete',
    `${what} is not known, and the jobs of an earlier launcher on ${clusters.join(', ')} are not all known yet.`,
    { clusters, retryAfterSeconds: RETRY_AFTER_SECONDS }
  )
}
