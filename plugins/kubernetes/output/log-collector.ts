// Keeps the output of jobs in the scratch path: follows each container's log from its start, because the cluster gives
// only the newest log file of a container, and nothing when its pod is gone. Where more run than can be followed, the
// others are read now and then, and between two readings they are not more than an entry in a map.

import type { Logger } from 'pino'
import { createBell, type Bell } from '../../../launcher/lib/notifier.ts'
import { boundedQueue, type BoundedQueue } from './concurrency-limit.ts'
import type { KubeClient } from '../client/client.ts'
import { keptBytes, readKept } from './output-file.ts'
import { UNTRIED, afterFailure, afterReading, isLost, untilNext, type Tried } from './read-backoff.ts'
import type { PodLogMetrics } from './log-reader.ts'
import { isOver, startOf, terminatedOf, type PodSight, isRunning } from '../cache/tracked-pod.ts'
import { readOutput } from './collect-log.ts'
import { CONTENT } from '../metadata/names.ts'

export interface OutputKeeper {
  /**
   * Sees to it that all output of the job is kept, and says whether all of it is. Cheap to repeat; `kept` is called
   * when that changes. `pod` is the one that ran, or is to run, the program; `over` says that the job has ended.
   */
  keep (id: string, pod: PodSight, over: boolean): boolean
  /** Whether there is any output of the job. */
  holds (id: string): boolean
  /** Ends what is under way for the job, and forgets that its output was kept. */
  drop (id: string): Promise<void>
  /** Resolves when nothing is written any more. */
  close (): Promise<void>
}

export interface OutputKeeperOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly scratchPath: string
  /** The pod as it is now; undefined when it is not known any more. */
  readonly podNow: (id: string, uid: string) => PodSight | undefined
  readonly kept: (id: string) => void
  readonly metrics: PodLogMetrics
  readonly log: Logger
}

/** Logs that are followed at once; each holds a connection here and one between API server and node. */
const MOST_FOLLOWED = 300
/** Logs of one node that are read to their present end at once: a node that does not answer holds up only itself. */
const MOST_READ = 8
/** A reading that does not wait for the container, and is given nothing for so long, is dead. */
const READ_SILENCE_MS = 30_000
/** How long following may go on after the job has ended; the rest is then read without following. */
const FOLLOW_ENDS_MS = 1000

/** What there is of a job whose output is not all kept; there may be very many. */
interface Keeping {
  readonly uid: string
  tried: Tried
  /** The job has ended, whatever its container does. */
  over: boolean
  /** When it was first seen that nothing more will be written. */
  overSince?: number
  /** The launcher stops, or the job is forgotten. */
  stopped: boolean
  /** Until `over`, which leaves following a little time. */
  ending?: NodeJS.Timeout
  /** Until the next reading. */
  rest?: NodeJS.Timeout
  reading?: { readonly follows: boolean, readonly end: AbortController, readonly news: Bell, readonly done: Promise<void> }
  /** Something changed since the reading began. */
  news: boolean
}

export function outputKeeper ({ client, namespace, scratchPath, podNow, kept, metrics, log }: OutputKeeperOptions): OutputKeeper {
  const underWay = new Map<string, Keeping>()
  const complete = new Set<string>()
  const readers = new Map<string, BoundedQueue>()
  let followed = 0

  function readersOf (node = ''): BoundedQueue {
    const known = readers.get(node) ?? boundedQueue(MOST_READ, id => read(id, false))
    readers.set(node, known)
    return known
  }

  function runs (id: string, { uid, over }: Keeping): boolean {
    return !over && isRunning(podNow(id, uid))
  }

  /** Reads as soon as it can be. */
  function begin (id: string): void {
    const keeping = underWay.get(id)
    if (keeping === undefined || keeping.stopped) return
    keeping.news = true
    clearTimeout(keeping.rest)
    keeping.reading?.news.ring()
    if (keeping.reading !== undefined) return
    if (followed < MOST_FOLLOWED && runs(id, keeping)) read(id, true)
    else readersOf(podNow(id, keeping.uid)?.node).ask(id)
  }

  function rest (id: string, keeping: Keeping): void {
    keeping.rest = setTimeout(begin, untilNext(keeping.tried), id).unref()
  }

  async function read (id: string, follows: boolean): Promise<void> {
    const keeping = underWay.get(id)
    if (keeping === undefined || keeping.stopped || keeping.reading !== undefined) return
    clearTimeout(keeping.rest)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const reading = { follows, end: new AbortController(), news: createBell(), done }
    keeping.reading = reading
    if (follows) followed += 1
    const all = await attempt(id, keeping, reading)
    if (follows) followed -= 1
    delete keeping.reading
    resolve()
    if (keeping.stopped) return
    if (all) {
      complete.add(id)
      underWay.delete(id)
      kept(id)
    } else if (keeping.news) {
      begin(id)
    } else {
      rest(id, keeping)
    }
  }

  /** Reads on from where the last reading came to; resolves with whether nothing more is to come. */
  async function attempt (id: string, keeping: Keeping, { follows, end, news }: NonNullable<Keeping['reading']>): Promise<boolean> {
    const { uid } = keeping
    const pod = podNow(id, uid)
    const ran = runs(id, keeping)
    keeping.news = false
    // What was answered before the end came may be different after it.
    if (keeping.over || pod === undefined || pod.gone || isOver(pod)) keeping.overSince ??= performance.now()
    if (pod === undefined) return true
    // Following ends by itself only when all was given.
    const isAll = (): boolean => !keeping.stopped && (follows ? !keeping.over : !ran)
    try {
      const gave = await readOutput({
        client,
        scratchPath,
        job: id,
        uid,
        isAll,
        namespace,
        pod: pod.name,
        container: CONTENT,
        follow: follows,
        running: () => runs(id, keeping),
        ended: news.wait,
        signal: end.signal,
        metrics,
        ...(!follows && { silenceMs: READ_SILENCE_MS })
      })
      keeping.tried = afterReading(keeping.tried, gave)
      return isAll()
    } catch (error) {
      if (keeping.stopped) return false
      if (keeping.overSince !== undefined && isLost(error, performance.now() - keeping.overSince)) {
        log.warn({ err: error, job: id }, 'the end of a job\'s output could not be read')
        return true
      }
      keeping.tried = afterFailure(keeping.tried)
      log[keeping.tried.failures === 3 ? 'warn' : 'debug']({ err: error, job: id }, 'the output of a job cannot be read now and is tried again')
      return false
    }
  }

  function endFollowing (id: string, keeping: Keeping): void {
    keeping.over = true
    if (keeping.reading?.follows) keeping.reading.end.abort()
    begin(id)
  }

  async function stop (keeping: Keeping | undefined): Promise<void> {
    if (keeping === undefined) return
    keeping.stopped = true
    clearTimeout(keeping.ending)
    clearTimeout(keeping.rest)
    keeping.reading?.end.abort()
    keeping.reading?.news.ring()
    await keeping.reading?.done
  }

  return {
    keep (id, pod, over) {
      if (complete.has(id)) return true
      let keeping = underWay.get(id)
      if (keeping === undefined) {
        if (startOf(pod) === undefined && terminatedOf(pod) === undefined) return true
        const state = readKept(scratchPath, id)
        // Of a second pod, which must not run the program again, nothing is taken.
        if (state !== undefined && (state.complete || state.pod !== pod.uid)) {
          complete.add(id)
          return true
        }
        keeping = { uid: pod.uid, tried: UNTRIED, over: false, stopped: false, news: false }
        underWay.set(id, keeping)
        // A program that was just started has not written anything yet.
        if (isRunning(pod) && followed === MOST_FOLLOWED) rest(id, keeping)
        else begin(id)
      } else if (keeping.tried.failures > 0 || !runs(id, keeping)) {
        begin(id)
      }
      if (over) keeping.ending ??= setTimeout(endFollowing, FOLLOW_ENDS_MS, id, keeping).unref()
      return false
    },
    holds: id => keptBytes(scratchPath, id) > 0,
    async drop (id) {
      await stop(underWay.get(id))
      underWay.delete(id)
      complete.delete(id)
    },
    async close () {
      await Promise.all(Array.from(underWay.values(), stop))
    }
  }
}
