// The state of collecting one job's output, and one attempt to read its log.

import type { Logger } from 'pino'
import type { Notifier } from '../../../launcher/lib/notifier.ts'
import { isRunning, isTerminal, startOf, type TrackedPod } from '../cache/tracked-pod.ts'
import type { KubeClient } from '../client/client.ts'
import type { Truncation } from '../metadata/annotations.ts'
import { CONTENT } from '../metadata/names.ts'
import { collectLog } from './collect-log.ts'
import type { PodLogMetrics } from './log-reader.ts'
import { endOutage, recordFailure, type ReadHealth } from './outage.ts'
import { afterRead, isLost, NO_ATTEMPTS } from './read-backoff.ts'
import { spoolBytes } from './spool-file.ts'

/** State of a job whose output is not complete. There can be very many. */
export interface Collection extends ReadHealth {
  readonly uid: string
  /** The job has ended, whatever its container does. */
  jobEnded: boolean
  /** The limit on the job's output in MB, once it is known. */
  limitMb?: number
  /** The job wrote more than that. */
  overLimit?: true
  /** Why output is missing. */
  truncation?: Truncation
  /** When the end of the container's output was first observed. */
  endedSinceMs?: number
  /** The launcher stops, or the job was discarded. */
  stopped: boolean
  /** When output was last received. */
  receivedAtMs?: number
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

export interface ReadDependencies {
  readonly client: KubeClient
  readonly namespace: string
  readonly scratchPath: string
  /** Returns the current state of the pod, or undefined if it is no longer known. */
  readonly currentPod: (id: string, uid: string) => TrackedPod | undefined
  /** Called when output of the job is first known to be missing. */
  readonly onTruncated: (id: string) => void
  readonly metrics: PodLogMetrics
  readonly log: Logger
}

/** A read without following counts as dead if it receives nothing for this long. */
const READ_IDLE_TIMEOUT_MS = 30_000

export function newCollection (uid: string): Collection {
  return { uid, attempts: NO_ATTEMPTS, jobEnded: false, stopped: false, changedSinceRead: false }
}

export function isProgramRunning (
  id: string,
  { uid, jobEnded }: Collection,
  { currentPod }: Pick<ReadDependencies, 'currentPod'>
): boolean {
  return !jobEnded && isRunning(currentPod(id, uid))
}

/** Reads from the position where the last read stopped. Resolves with whether the output is complete. */
export async function attemptRead (
  id: string,
  collection: Collection,
  { follows, end, changed }: NonNullable<Collection['reading']>,
  dependencies: ReadDependencies
): Promise<boolean> {
  const { client, namespace, scratchPath, currentPod, metrics, log } = dependencies
  const { uid } = collection
  const pod = currentPod(id, uid)
  const wasRunning = isProgramRunning(id, collection, dependencies)
  collection.changedSinceRead = false
  // An answer from before the end of the container can differ from one after it, so the time starts here.
  if (collection.jobEnded || pod === undefined || pod.gone || isTerminal(pod)) {
    collection.endedSinceMs ??= performance.now()
  }
  const onTruncated = (truncation: Truncation): void => {
    if (collection.truncation !== undefined) return
    collection.truncation = truncation
    dependencies.onTruncated(id)
  }
  const loseEnd = (): void => onTruncated({ reason: 'LogEndLost', offset: spoolBytes(scratchPath, id) })
  if (pod === undefined) {
    loseEnd()
    return true
  }
  // Following ends by itself only after the whole log was sent.
  const isComplete = (): boolean => !collection.stopped && (follows ? !collection.jobEnded : !wasRunning)
  try {
    const { hasNewOutput, overLimit } = await collectLog({
      client,
      scratchPath,
      job: id,
      uid,
      limitMb: () => collection.limitMb,
      isComplete,
      onProgress (progress) {
        if (progress === 'written') collection.receivedAtMs = performance.now()
        if (progress === collection.outage?.endsWith) endOutage(collection, id, log)
      },
      onTruncated,
      namespace,
      pod: pod.name,
      container: CONTENT,
      follow: follows,
      startedAt: () => startOf(currentPod(id, uid) ?? pod),
      running: () => isProgramRunning(id, collection, dependencies),
      ended: changed.wait,
      signal: end.signal,
      metrics,
      ...(!follows && { idleTimeoutMs: READ_IDLE_TIMEOUT_MS })
    })
    if (!end.signal.aborted) endOutage(collection, id, log)
    collection.attempts = afterRead(collection.attempts, hasNewOutput)
    if (overLimit) collection.overLimit = true
    return overLimit || isComplete()
  } catch (error) {
    if (collection.stopped) return false
    if (collection.endedSinceMs !== undefined && isLost(error, performance.now() - collection.endedSinceMs)) {
      log.warn({ err: error, job: id }, 'log end lost')
      loseEnd()
      return true
    }
    recordFailure(collection, id, error, log)
    return false
  }
}
