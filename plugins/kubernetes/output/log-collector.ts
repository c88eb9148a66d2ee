// Collects the output of jobs in spool files in the scratch path. It follows each container's log from its start,
// because the cluster returns only the newest log file of a container, and nothing once its pod is gone. If more
// containers run than can be followed, the others are read at intervals. Between two reads such a container costs only
// an entry in a map.

import { createNotifier } from '../../../launcher/lib/notifier.ts'
import { hasNoContainer, isRunning, startOf, terminatedOf, type TrackedPod } from '../cache/tracked-pod.ts'
import type { Truncation } from '../metadata/annotations.ts'
import { createConcurrencyLimit, type ConcurrencyLimit } from './concurrency-limit.ts'
import {
  attemptRead,
  isProgramRunning,
  newCollection,
  type Collection,
  type ReadDependencies
} from './read-attempt.ts'
import { msUntilNextRead } from './read-backoff.ts'
import { knownTruncation, readSpoolState, spoolBytes, truncationOf } from './spool-file.ts'

export interface LogCollector {
  /**
   * Ensures that all output of the job is collected, and returns whether it already is. Cheap to repeat; `onComplete`
   * is called when collection completes. `pod` is the pod that ran, or is to run, the program. `limitMb` is the limit
   * on the job's output, if the caller knows it. Output beyond it is not collected.
   */
  collect (id: string, pod: TrackedPod, jobEnded: boolean, limitMb?: number): boolean
  /** Whether the job wrote more than its limit. */
  isOverLimit (id: string): boolean
  /**
   * Why output of the job is missing; undefined if none is known to be. For a job that has ended and whose pod is not
   * known any more, what was collected before decides: nothing is, if its program may have run and there is no record.
   */
  truncationOf (id: string, jobEnded: boolean, mayHaveRun?: boolean): Truncation | undefined
  /** Whether the job has any collected output. */
  hasOutput (id: string): boolean
  /** Stops collecting for the job, and forgets whether its output was complete. */
  discard (id: string): Promise<void>
  /** Stops all collecting. Resolves after the last write. */
  close (): Promise<void>
}

export interface LogCollectorOptions extends ReadDependencies {
  readonly onComplete: (id: string) => void
}

/** Logs that are followed at once. Each uses one connection of the launcher, and one between API server and node. */
const MAX_FOLLOWED = 300
/**
 * Logs of one node that are read to their current end at once: a node that does not answer delays only its own logs.
 */
const MAX_READS_PER_NODE = 8
/**
 * A follow that receives nothing for this long after the job has ended is cut, and the rest is read without following.
 * A follow that still receives is never cut: the node has the newest file of the log only. A busy node can pause for
 * seconds, so the time of a log that a node may have rotated is that after which a connection counts as dead.
 */
const FOLLOW_GRACE_MS = 4000
const LARGE_FOLLOW_GRACE_MS = 30_000
/** Output whose log is large. With times, even the shortest lines have less than the 10 MiB of a file of the log. */
const LARGE_BYTES = 131_072

export function createLogCollector (options: LogCollectorOptions): LogCollector {
  const { scratchPath, currentPod, onComplete } = options
  const collections = new Map<string, Collection>()
  const complete = new Set<string>()
  const overLimit = new Set<string>()
  const truncations = new Map<string, Truncation>()
  const limitsByNode = new Map<string, ConcurrencyLimit>()
  let followCount = 0

  function limitOf (node = ''): ConcurrencyLimit {
    const known = limitsByNode.get(node) ?? createConcurrencyLimit(MAX_READS_PER_NODE, id => read(id, false))
    limitsByNode.set(node, known)
    return known
  }

  /** Starts a read as soon as possible. */
  function startRead (id: string): void {
    const collection = collections.get(id)
    if (collection === undefined || collection.stopped) return
    collection.changedSinceRead = true
    clearTimeout(collection.nextRead)
    collection.reading?.changed.notify()
    if (collection.reading !== undefined) return
    if (followCount < MAX_FOLLOWED && isProgramRunning(id, collection, options)) read(id, true)
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
    const isDone = await attemptRead(id, collection, reading, options)
    if (follows) followCount -= 1
    delete collection.reading
    resolve()
    if (collection.stopped) return
    if (isDone) {
      complete.add(id)
      if (collection.overLimit === true) overLimit.add(id)
      if (collection.truncation !== undefined) truncations.set(id, collection.truncation)
      collections.delete(id)
      onComplete(id)
    } else if (collection.changedSinceRead) {
      startRead(id)
    } else {
      scheduleRead(id, collection)
    }
  }

  function endFollow (id: string, collection: Collection): void {
    const graceMs = spoolBytes(scratchPath, id) < LARGE_BYTES ? FOLLOW_GRACE_MS : LARGE_FOLLOW_GRACE_MS
    const receivesForMs = graceMs - (performance.now() - (collection.receivedAtMs ?? -Infinity))
    if (collection.reading?.follows && receivesForMs > 0) {
      collection.ending = setTimeout(endFollow, receivesForMs, id, collection).unref()
      return
    }
    collection.jobEnded = true
    if (collection.reading?.follows) collection.reading.end.abort()
    startRead(id)
  }

  return {
    collect (id, pod, jobEnded, limitMb) {
      if (complete.has(id)) return true
      let collection = collections.get(id)
      if (collection === undefined) {
        if (hasNoContainer(pod) || (startOf(pod) === undefined && terminatedOf(pod) === undefined)) return true
        const state = readSpoolState(scratchPath, id)
        // The output of a second pod, which must not run the program again, is not collected.
        if (state !== undefined && (state.complete || state.pod !== pod.uid)) {
          complete.add(id)
          if (state.overLimit === true) overLimit.add(id)
          const truncation = truncationOf(state)
          if (truncation !== undefined) truncations.set(id, truncation)
          return true
        }
        collection = newCollection(pod.uid)
        const known = knownTruncation(state)
        if (known !== undefined) collection.truncation = known
        collections.set(id, collection)
        // A program that has just started has not written anything yet.
        if (isRunning(pod) && followCount === MAX_FOLLOWED) scheduleRead(id, collection)
        else startRead(id)
      } else if (collection.attempts.failures > 0 || !isProgramRunning(id, collection, options)) {
        startRead(id)
      }
      if (limitMb !== undefined) collection.limitMb = limitMb
      if (jobEnded) collection.ending ??= setTimeout(endFollow, FOLLOW_GRACE_MS, id, collection).unref()
      return false
    },
    isOverLimit: id => overLimit.has(id),
    truncationOf (id, jobEnded, mayHaveRun = false) {
      const known = collections.get(id)?.truncation ?? truncations.get(id)
      if (known !== undefined || !jobEnded || collections.has(id) || complete.has(id)) return known
      const state = readSpoolState(scratchPath, id)
      if (state !== undefined) return truncationOf(state)
      return mayHaveRun ? { reason: 'LogEndLost', offset: spoolBytes(scratchPath, id) } : undefined
    },
    hasOutput: id => spoolBytes(scratchPath, id) > 0,
    async discard (id) {
      await stop(collections.get(id))
      collections.delete(id)
      complete.delete(id)
      overLimit.delete(id)
      truncations.delete(id)
    },
    async close () {
      await Promise.all(Array.from(collections.values(), stop))
    }
  }
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
