// Collects the output of jobs in spool files in the scratch path. It follows each container's log from its start,
// because the cluster returns only the newest log file of a container, and nothing once its pod is gone. If more
// containers run than can be followed, the others are read at intervals. Between two reads such a container costs only
// an entry in a map.

import type { Logger } from 'pino'
import { createNotifier, type Notifier } from '../../../launcher/lib/notifier.ts'
import { createConcurrencyLimit, type ConcurrencyLimit } from './concurrency-limit.ts'
import type { KubeClient } from '../client/client.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { spoolBytes, readSpoolState } from './spool-file.ts'
import { NO_ATTEMPTS, afterFailure, afterRead, isLost, msUntilNextRead, type Attempts } from './read-backoff.ts'
import type { PodLogMetrics } from './log-reader.ts'
import { isTerminal, startOf, terminatedOf, type TrackedPod, isRunning } from '../cache/tracked-pod.ts'
import { collectLog, type Progress } from './collect-log.ts'
import { CONTENT } from '../metadata/names.ts'

export interface LogCollector {
  /**
   * Ensures that all output of the job is collected, and returns whether it already is. Cheap to repeat; `onComplete`
   * is called when collection completes. `pod` is the pod that ran, or is to run, the program.
   */
  collect (id: string, pod: TrackedPod, jobEnded: boolean): boolean
  /** Whether the job has any collected output. */
  hasOutput (id: string): boolean
  /** Stops collecting for the job, and forgets whether its output was complete. */
  discard (id: string): Promise<void>
  /** Stops all collecting. Resolves after the last write. */
  close (): Promise<void>
}

export interface LogCollectorOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly scratchPath: string
  /** Returns the current state of the pod, or undefined if it is no longer known. */
  readonly currentPod: (id: string, uid: string) => TrackedPod | undefined
  readonly onComplete: (id: string) => void
  readonly metrics: PodLogMetrics
  readonly log: Logger
}

/** Logs that are followed at once. Each uses one connection of the launcher, and one between API server and node. */
const MAX_FOLLOWED = 300
/**
 * Logs of one node that are read to their current end at once: a node that does not answer delays only its own logs.
 */
const MAX_READS_PER_NODE = 8
/** A read without following counts as dead if it receives nothing for this long. */
const READ_IDLE_TIMEOUT_MS = 30_000
/** How long following may continue after the job has ended. The rest is then read without following. */
const FOLLOW_GRACE_MS = 1000
/** Failures in a row after which they are logged as a warning. */
const FAILURES_BEFORE_WARNING = 3

/** State of a job whose output is not complete. There can be very many. */
interface Collection {
  readonly uid: string
  attempts: Attempts
  /** The job has ended, whatever its container does. */
  jobEnded: boolean
  outage?: Outage
  /** When the end of the container's output was first observed. */
  endedSinceMs?: number
  /** The launcher stops, or the job was discarded. */
  stopped: boolean
  /** Sets `jobEnded` after the time left for following. */
  ending?: NodeJS.Timeout
  /** Starts the next read. */
  nextRead?: NodeJS.Timeout
  reading?: {
    readonly follows: boolean
    readonly end: AbortController
    readonly changed: Notifier
    readonly done: Promise<void>
  }
  /** The pod or the job has changed since the read began. */
  changedSinceRead: boolean
}

/** All reads have failed since `sinceMs`. */
interface Outage {
  readonly sinceMs: number
  readonly isLogged: boolean
  /** The step of a read that failed last, and whose success ends the outage. */
  readonly endsWith: Progress
}

export function createLogCollector ({
  client,
  namespace,
  scratchPath,
  currentPod,
  onComplete,
  metrics,
  log
}: LogCollectorOptions): LogCollector {
  const collections = new Map<string, Collection>()
  const complete = new Set<string>()
  const limitsByNode = new Map<string, ConcurrencyLimit>()
  let followCount = 0

  function limitOf (node = ''): ConcurrencyLimit {
    const known = limitsByNode.get(node) ?? createConcurrencyLimit(MAX_READS_PER_NODE, id => read(id, false))
    limitsByNode.set(node, known)
    return known
  }

  function programRuns (id: string, { uid, jobEnded }: Collection): boolean {
    return !jobEnded && isRunning(currentPod(id, uid))
  }

  /** Starts a read as soon as possible. */
  function startRead (id: string): void {
    const collection = collections.get(id)
    if (collection === undefined || collection.stopped) return
    collection.changedSinceRead = true
    clearTimeout(collection.nextRead)
    collection.reading?.changed.notify()
    if (collection.reading !== undefined) return
    if (followCount < MAX_FOLLOWED && programRuns(id, collection)) read(id, true)
    else limitOf(currentPod(id, collection.uid)?.node).enqueue(id)
  }

  function scheduleRead (id: string, collection: Collection): void {
    collection.nextRead = setTimeout(startRead, msUntilNextRead(collection.attempts), id).unref()
  }

  async function read (id: string, follows: boolean): Promise<void> {
    const collection = collections.get(id)
    if (collection === undefined || collection.stopped || collection.reading !== undefined) return
    clearTimeout(collection.nextRead)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const reading = { follows, end: new AbortController(), changed: createNotifier(), done }
    collection.reading = reading
    if (follows) followCount += 1
    const isDone = await attempt(id, collection, reading)
    if (follows) followCount -= 1
    delete collection.reading
    resolve()
    if (collection.stopped) return
    if (isDone) {
      complete.add(id)
      collections.delete(id)
      onComplete(id)
    } else if (collection.changedSinceRead) {
      startRead(id)
    } else {
      scheduleRead(id, collection)
    }
  }

  /** Reads from the position where the last read stopped. Resolves with whether the output is complete. */
  async function attempt (
    id: string,
    collection: Collection,
    { follows, end, changed }: NonNullable<Collection['reading']>
  ): Promise<boolean> {
    const { uid } = collection
    const pod = currentPod(id, uid)
    const wasRunning = programRuns(id, collection)
    collection.changedSinceRead = false
    // An answer from before the end of the container can differ from one after it, so the time starts here.
    if (collection.jobEnded || pod === undefined || pod.gone || isTerminal(pod)) {
      collection.endedSinceMs ??= performance.now()
    }
    if (pod === undefined) return true
    // Following ends by itself only after the whole log was sent.
    const isComplete = (): boolean => !collection.stopped && (follows ? !collection.jobEnded : !wasRunning)
    try {
      const hasNewOutput = await collectLog({
        client,
        scratchPath,
        job: id,
        uid,
        isComplete,
        onProgress: progress => { if (progress === collection.outage?.endsWith) endOutage(id, collection) },
        namespace,
        pod: pod.name,
        container: CONTENT,
        follow: follows,
        running: () => programRuns(id, collection),
        ended: changed.wait,
        signal: end.signal,
        metrics,
        ...(!follows && { idleTimeoutMs: READ_IDLE_TIMEOUT_MS })
      })
      if (!end.signal.aborted) endOutage(id, collection)
      collection.attempts = afterRead(collection.attempts, hasNewOutput)
      return isComplete()
    } catch (error) {
      if (collection.stopped) return false
      if (collection.endedSinceMs !== undefined && isLost(error, performance.now() - collection.endedSinceMs)) {
        log.warn({ err: error, job: id }, 'log end lost')
        return true
      }
      recordFailure(id, collection, error)
      return false
    }
  }

  function recordFailure (id: string, collection: Collection, err: unknown): void {
    const { outage } = collection
    collection.attempts = afterFailure(collection.attempts)
    const isWarning = collection.attempts.failures >= FAILURES_BEFORE_WARNING && outage?.isLogged !== true
    collection.outage = {
      sinceMs: outage?.sinceMs ?? performance.now(),
      isLogged: isWarning || outage?.isLogged === true,
      endsWith: err instanceof KubeApiError || err instanceof NoAnswerError ? 'opened' : 'written'
    }
    log[isWarning ? 'warn' : 'debug']({ err, job: id }, 'log read failed, will retry')
  }

  function endOutage (id: string, collection: Collection): void {
    const { outage } = collection
    delete collection.outage
    if (outage?.isLogged === true) {
      log.warn({ job: id, outageMs: Math.round(performance.now() - outage.sinceMs) }, 'log reads restored')
    }
  }

  function endFollow (id: string, collection: Collection): void {
    collection.jobEnded = true
    if (collection.reading?.follows) collection.reading.end.abort()
    startRead(id)
  }

  async function stop (collection: Collection | undefined): Promise<void> {
    if (collection === undefined) return
    collection.stopped = true
    clearTimeout(collection.ending)
    clearTimeout(collection.nextRead)
    collection.reading?.end.abort()
    collection.reading?.changed.notify()
    await collection.reading?.done
  }

  return {
    collect (id, pod, jobEnded) {
      if (complete.has(id)) return true
      let collection = collections.get(id)
      if (collection === undefined) {
        if (startOf(pod) === undefined && terminatedOf(pod) === undefined) return true
        const state = readSpoolState(scratchPath, id)
        // The output of a second pod, which must not run the program again, is not collected.
        if (state !== undefined && (state.complete || state.pod !== pod.uid)) {
          complete.add(id)
          return true
        }
        collection = { uid: pod.uid, attempts: NO_ATTEMPTS, jobEnded: false, stopped: false, changedSinceRead: false }
        collections.set(id, collection)
        // A program that has just started has not written anything yet.
        if (isRunning(pod) && followCount === MAX_FOLLOWED) scheduleRead(id, collection)
        else startRead(id)
      } else if (collection.attempts.failures > 0 || !programRuns(id, collection)) {
        startRead(id)
      }
      if (jobEnded) collection.ending ??= setTimeout(endFollow, FOLLOW_GRACE_MS, id, collection).unref()
      return false
    },
    hasOutput: id => spoolBytes(scratchPath, id) > 0,
    async discard (id) {
      await stop(collections.get(id))
      collections.delete(id)
      complete.delete(id)
    },
    async close () {
      await Promise.all(Array.from(collections.values(), stop))
    }
  }
}
