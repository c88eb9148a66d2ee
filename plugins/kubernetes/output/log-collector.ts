// Keeps the output of jobs in the scratch path: follows each container's log from its start, because the cluster gives
// only the newest log file of a container, and nothing when its pod is gone. Where more run than can be followed, the
// others are read now and then, and between two readings they are not more than an entry in a map.

import type { Logger } from 'pino'
import { createNotifier, type Notifier } from '../../../launcher/lib/notifier.ts'
import { createConcurrencyLimit, type ConcurrencyLimit } from './concurrency-limit.ts'
import type { KubeClient } from '../client/client.ts'
import { spoolBytes, readSpoolState } from './spool-file.ts'
import { NO_ATTEMPTS, afterFailure, afterRead, isLost, msUntilNextRead, type Attempts } from './read-backoff.ts'
import type { PodLogMetrics } from './log-reader.ts'
import { isTerminal, startOf, terminatedOf, type TrackedPod, isRunning } from '../cache/tracked-pod.ts'
import { collectLog } from './collect-log.ts'
import { CONTENT } from '../metadata/names.ts'

export interface LogCollector {
  /**
   * Sees to it that all output of the job is kept, and says whether all of it is. Cheap to repeat; `kept` is called
   * when that changes. `pod` is the one that ran, or is to run, the program; `over` says that the job has ended.
   */
  collect (id: string, pod: TrackedPod, jobEnded: boolean): boolean
  /** Whether there is any output of the job. */
  hasOutput (id: string): boolean
  /** Ends what is under way for the job, and forgets that its output was kept. */
  discard (id: string): Promise<void>
  /** Resolves when nothing is written any more. */
  close (): Promise<void>
}

export interface LogCollectorOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly scratchPath: string
  /** The pod as it is now; undefined when it is not known any more. */
  readonly currentPod: (id: string, uid: string) => TrackedPod | undefined
  readonly onComplete: (id: string) => void
  readonly metrics: PodLogMetrics
  readonly log: Logger
}

/** Logs that are followed at once; each holds a connection here and one between API server and node. */
const MAX_FOLLOWED = 300
/** Logs of one node that are read to their present end at once: a node that does not answer holds up only itself. */
const MAX_READS_PER_NODE = 8
/** A reading that does not wait for the container, and is given nothing for so long, is dead. */
const READ_IDLE_TIMEOUT_MS = 30_000
/** How long following may go on after the job has ended; the rest is then read without following. */
const FOLLOW_ENDS_MS = 1000

/** What there is of a job whose output is not all kept; there may be very many. */
interface Collection {
  readonly uid: string
  attempts: Attempts
  /** The job has ended, whatever its container does. */
  jobEnded: boolean
  /** When it was first seen that nothing more will be written. */
  endedSinceMs?: number
  /** The launcher stops, or the job is forgotten. */
  stopped: boolean
  /** Until `over`, which leaves following a little time. */
  ending?: NodeJS.Timeout
  /** Until the next reading. */
  nextRead?: NodeJS.Timeout
  reading?: {
    readonly follows: boolean
    readonly end: AbortController
    readonly changed: Notifier
    readonly done: Promise<void>
  }
  /** Something changed since the reading began. */
  changed: boolean
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
  const underWay = new Map<string, Collection>()
  const complete = new Set<string>()
  const readers = new Map<string, ConcurrencyLimit>()
  let followed = 0

  function readersOf (node = ''): ConcurrencyLimit {
    const known = readers.get(node) ?? createConcurrencyLimit(MAX_READS_PER_NODE, id => read(id, false))
    readers.set(node, known)
    return known
  }

  function runs (id: string, { uid, jobEnded }: Collection): boolean {
    return !jobEnded && isRunning(currentPod(id, uid))
  }

  /** Reads as soon as it can be. */
  function begin (id: string): void {
    const collection = underWay.get(id)
    if (collection === undefined || collection.stopped) return
    collection.changed = true
    clearTimeout(collection.nextRead)
    collection.reading?.changed.notify()
    if (collection.reading !== undefined) return
    if (followed < MAX_FOLLOWED && runs(id, collection)) read(id, true)
    else readersOf(currentPod(id, collection.uid)?.node).ask(id)
  }

  function scheduleRead (id: string, collection: Collection): void {
    collection.nextRead = setTimeout(begin, msUntilNextRead(collection.attempts), id).unref()
  }

  async function read (id: string, follows: boolean): Promise<void> {
    const collection = underWay.get(id)
    if (collection === undefined || collection.stopped || collection.reading !== undefined) return
    clearTimeout(collection.nextRead)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const reading = { follows, end: new AbortController(), changed: createNotifier(), done }
    collection.reading = reading
    if (follows) followed += 1
    const all = await attempt(id, collection, reading)
    if (follows) followed -= 1
    delete collection.reading
    resolve()
    if (collection.stopped) return
    if (all) {
      complete.add(id)
      underWay.delete(id)
      onComplete(id)
    } else if (collection.changed) {
      begin(id)
    } else {
      scheduleRead(id, collection)
    }
  }

  /** Reads on from where the last reading came to; resolves with whether nothing more is to come. */
  async function attempt (
    id: string,
    collection: Collection,
    { follows, end, changed }: NonNullable<Collection['reading']>
  ): Promise<boolean> {
    const { uid } = collection
    const pod = currentPod(id, uid)
    const ran = runs(id, collection)
    collection.changed = false
    // What was answered before the end came may be different after it.
    if (collection.jobEnded || pod === undefined || pod.gone || isTerminal(pod)) {
      collection.endedSinceMs ??= performance.now()
    }
    if (pod === undefined) return true
    // Following ends by itself only when all was given.
    const isAll = (): boolean => !collection.stopped && (follows ? !collection.jobEnded : !ran)
    try {
      const gave = await collectLog({
        client,
        scratchPath,
        job: id,
        uid,
        isAll,
        namespace,
        pod: pod.name,
        container: CONTENT,
        follow: follows,
        running: () => runs(id, collection),
        ended: changed.wait,
        signal: end.signal,
        metrics,
        ...(!follows && { silenceMs: READ_IDLE_TIMEOUT_MS })
      })
      collection.attempts = afterRead(collection.attempts, gave)
      return isAll()
    } catch (error) {
      if (collection.stopped) return false
      if (collection.endedSinceMs !== undefined && isLost(error, performance.now() - collection.endedSinceMs)) {
        log.warn({ err: error, job: id }, 'the end of a job\'s output could not be read')
        return true
      }
      collection.attempts = afterFailure(collection.attempts)
      log[collection.attempts.failures === 3 ? 'warn' : 'debug'](
        { err: error, job: id },
        'the output of a job cannot be read now and is tried again'
      )
      return false
    }
  }

  function endFollowing (id: string, collection: Collection): void {
    collection.jobEnded = true
    if (collection.reading?.follows) collection.reading.end.abort()
    begin(id)
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
      let collection = underWay.get(id)
      if (collection === undefined) {
        if (startOf(pod) === undefined && terminatedOf(pod) === undefined) return true
        const state = readSpoolState(scratchPath, id)
        // Of a second pod, which must not run the program again, nothing is taken.
        if (state !== undefined && (state.complete || state.pod !== pod.uid)) {
          complete.add(id)
          return true
        }
        collection = { uid: pod.uid, attempts: NO_ATTEMPTS, jobEnded: false, stopped: false, changed: false }
        underWay.set(id, collection)
        // A program that was just started has not written anything yet.
        if (isRunning(pod) && followed === MAX_FOLLOWED) scheduleRead(id, collection)
        else begin(id)
      } else if (collection.attempts.failures > 0 || !runs(id, collection)) {
        begin(id)
      }
      if (jobEnded) collection.ending ??= setTimeout(endFollowing, FOLLOW_ENDS_MS, id, collection).unref()
      return false
    },
    hasOutput: id => spoolBytes(scratchPath, id) > 0,
    async discard (id) {
      await stop(underWay.get(id))
      underWay.delete(id)
      complete.delete(id)
    },
    async close () {
      await Promise.all(Array.from(underWay.values(), stop))
    }
  }
}
