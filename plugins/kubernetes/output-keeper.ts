// Keeps the output of jobs in the scratch path: follows each container's log from its start, because the cluster gives
// only the newest log file of a container, and nothing when its pod is gone.

import type { Logger } from 'pino'
import { createBell, type Bell } from '../../launcher/lib/bell.ts'
import { fullJitterMs } from '../../launcher/lib/full-jitter.ts'
import { KubeApiError, NoAnswerError, isForbidden, isNotFound } from './client/api-error.ts'
import type { KubeClient } from './client/client.ts'
import { keptBytes, openKept, readKept } from './kept-output.ts'
import { logPosition } from './log-position.ts'
import { podLog, type PodLogMetrics } from './pod-log.ts'
import { contentOf, isOver, startOf, terminatedOf, type PodSight } from './pod-sight.ts'
import { slots, type Slots } from './slots.ts'
import { CONTENT } from './views.ts'

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
/** How long after a reading that gave something the log is read again of a container that nobody can follow now. */
const READ_AGAIN_MS = 5000
/** The same after readings that gave nothing, each of which doubles it: a quiet program must not cost the cluster a reading every few seconds. */
const READ_AGAIN_MOST_MS = 20_000
/** A reading that does not wait for the container, and is given nothing for so long, is dead. */
const READ_SILENCE_MS = 30_000
const FIRST_WAIT_MS = 200
const MOST_WAIT_MS = 10_000
/** A node that does not give the log of a container that has ended is waited for so long. */
const NODE_GIVES_MS = 60_000

/** How long following may go on after the job has ended; the rest is then read without following. */
const FOLLOW_ENDS_MS = 1000
const SAVE_EVERY_MS = 1000

interface Keeping {
  /** Rung when something of the pod changed. */
  readonly bell: Bell
  /** The launcher stops, or the job is forgotten. */
  readonly stop: AbortController
  /** The job has ended, whatever its container does. */
  readonly over: AbortController
}

export function outputKeeper ({ client, namespace, scratchPath, podNow, kept, metrics, log }: OutputKeeperOptions): OutputKeeper {
  const underWay = new Map<string, Keeping & { done: Promise<void> }>()
  const complete = new Set<string>()
  const followed = slots(MOST_FOLLOWED)
  const read = new Map<string, Slots>()

  function readersOf (node = ''): Slots {
    const readers = read.get(node) ?? slots(MOST_READ)
    read.set(node, readers)
    return readers
  }

  /** Reads on from where the last try came to; returns when the container has ended and all of it is kept. */
  async function attempt (id: string, uid: string, { bell, stop: { signal: stopped }, over: { signal: over } }: Keeping): Promise<void> {
    const output = await openKept(scratchPath, id)
    const position = logPosition(output.state?.position)
    const running = (): boolean => !over.aborted && isRunning(podNow(id, uid))
    /** The position is ahead of the file after a write that failed. */
    let sound = true
    let savedAt = performance.now()
    let againMs = READ_AGAIN_MS

    function save (complete: boolean): void {
      output.save({ pod: uid, position: position.save(), complete })
      savedAt = performance.now()
    }

    async function take (follow: boolean, signal: AbortSignal): Promise<void> {
      const pod = podNow(id, uid)
      if (pod === undefined) return
      againMs = Math.min(2 * againMs, READ_AGAIN_MOST_MS)
      for await (const lines of podLog(client, { namespace, pod: pod.name, container: CONTENT, position, follow, running, signal, metrics, ...(!follow && { silenceMs: READ_SILENCE_MS }) })) {
        againMs = READ_AGAIN_MS
        sound = false
        output.append(Buffer.concat(lines.map(({ bytes }) => bytes)))
        sound = true
        if (performance.now() - savedAt > SAVE_EVERY_MS) save(false)
      }
    }

    let all = false
    try {
      while (!all && !stopped.aborted) {
        bell.reset()
        const runs = running()
        const free = runs && followed.free()
        const giveBack = await (free ? followed : readersOf(podNow(id, uid)?.node)).take(stopped)
        try {
          await take(free, free ? AbortSignal.any([stopped, over]) : stopped)
        } finally {
          giveBack()
        }
        // Following ends by itself only when all was given.
        all = !stopped.aborted && (free ? !over.aborted : !runs)
        if (!all && !free) await bell.wait(againMs)
      }
    } finally {
      try {
        if (sound) save(all)
      } finally {
        output.close()
      }
    }
  }

  async function keepAll (id: string, uid: string, keeping: Keeping): Promise<void> {
    const { signal } = keeping.stop
    let overSince: number | undefined
    for (let failures = 1; ; failures++) {
      keeping.bell.reset()
      // What was answered before the end came may be different after it.
      const pod = podNow(id, uid)
      if (keeping.over.signal.aborted || pod === undefined || pod.gone || isOver(pod)) overSince ??= performance.now()
      const error = await attempt(id, uid, keeping).then(() => undefined, (error: unknown) => error)
      if (signal.aborted) return
      if (error === undefined) break
      if (overSince !== undefined && isLost(error, performance.now() - overSince)) {
        log.warn({ err: error, job: id }, 'the end of a job\'s output could not be read')
        break
      }
      log[failures === 3 ? 'warn' : 'debug']({ err: error, job: id }, 'the output of a job cannot be read now and is tried again')
      if (!signal.aborted) await keeping.bell.wait(fullJitterMs(failures, FIRST_WAIT_MS, MOST_WAIT_MS))
    }
    complete.add(id)
    underWay.delete(id)
    kept(id)
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
        const made = { bell: createBell(), stop: new AbortController(), over: new AbortController() }
        keeping = { ...made, done: keepAll(id, pod.uid, made) }
        underWay.set(id, keeping)
      }
      keeping.bell.ring()
      if (over) setTimeout(endFollowing, FOLLOW_ENDS_MS, keeping).unref()
      return false
    },
    holds: id => keptBytes(scratchPath, id) > 0,
    async drop (id) {
      await end(underWay.get(id))
      underWay.delete(id)
      complete.delete(id)
    },
    async close () {
      await Promise.all(Array.from(underWay.values(), end))
    }
  }
}

function endFollowing ({ over, bell }: Keeping): void {
  over.abort()
  bell.ring()
}

async function end (keeping: Keeping & { done: Promise<void> } | undefined): Promise<void> {
  keeping?.stop.abort()
  keeping?.bell.ring()
  await keeping?.done
}

/** What a node says of a container that it knows no more. */
const REMOVED = /is waiting to start|is terminated$/

/** Whether what is still missing of a container that is over will never come. */
function isLost (error: unknown, overMs: number): boolean {
  if (isNotFound(error) || isForbidden(error)) return true
  if (error instanceof KubeApiError && error.status === 400 && REMOVED.test(error.serverMessage)) return true
  const silent = error instanceof NoAnswerError && error.reason === 'silence'
  const ofNode = silent || (error instanceof KubeApiError && (error.status === 400 || error.serverMessage.includes('containerLogs')))
  return ofNode && overMs > NODE_GIVES_MS
}

/** Whether the job's program runs now, as far as is known. */
export function isRunning (pod: PodSight | undefined): boolean {
  return pod !== undefined && !pod.gone && contentOf(pod)?.running !== undefined
}
