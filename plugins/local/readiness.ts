// Asks the ports of running jobs until each has answered once: the longer a job runs, the less often.

import { readyTimeoutMs, type SeenReadiness } from '../../launcher/plugin-kit/readiness.ts'
import { ANSWER_MS, askPort, type Question } from './ask-port.ts'
import type { ExposedPorts } from './ports.ts'

/** A running job whose ports are to be asked. */
export interface AskedJob {
  readonly id: string
  readonly exposedPorts: ExposedPorts
  /** The number of each exposed port, in order. */
  readonly ports: readonly number[]
  /** Milliseconds since the program started. */
  readonly sinceStartMs: () => number
  /** Whether the job's own processes listen on the port. `known` is kept between calls. */
  readonly isOwn: (port: number, known: Set<number>) => Promise<boolean>
}

export interface Readiness {
  /** Begins to ask. A repeated call changes nothing. Returns what is known. */
  watch (job: AskedJob): SeenReadiness
  /** Asks no more. What the job has answered is forgotten. */
  forget (id: string): void
  close (): void
}

interface Watched {
  readonly job: AskedJob
  /** The ports that have not answered, with why not if an attempt has ended after their time. */
  readonly waiting: Map<number, string | undefined>
  readonly known: Set<number>
  readonly stop: AbortController
  timer?: NodeJS.Timeout
}

const MIN_MS = 100
const MAX_MS = 5000
/** All jobs together are asked once in this time on average, so that 1,000 that wait take a tenth of a core. */
const EACH_MS = 5
/** A program is asked again after this part of its run time: so it is seen late by at most as much. */
const SHARE = 0.1
/** Jobs that are asked at once; the others wait for one of them. */
const MAX_ASKED = 200

/** What an attempt that is under way when a port becomes late has for its answer from then on. */
const LAST_ANSWER_MS = 300

/**
 * Returns how long a job is left alone, of which `count` wait. A port that will be late in `leftMs` is asked then, so
 * that an answer decides and not the time of the last question.
 */
export function pauseMs (sinceStartMs: number, count: number, leftMs = Infinity): number {
  return Math.max(Math.min(Math.max(sinceStartMs * SHARE, MIN_MS), MAX_MS, leftMs), count * EACH_MS)
}

/** `changed` is called with the id of a job once all of its ports have answered, or another of them is late. */
export function createReadiness (
  changed: (id: string) => void, ask: (question: Question) => Promise<string | undefined> = askPort,
  now: () => number = Date.now
): Readiness {
  const jobs = new Map<string, Watched>()
  const readyTimes = new Map<string, number>()
  const queue: Watched[] = []
  let asking = 0

  function schedule (watched: Watched, ms: number): void {
    watched.timer = setTimeout(() => {
      queue.push(watched)
      askQueued()
    }, ms).unref()
  }

  async function askQueued (): Promise<void> {
    if (asking >= MAX_ASKED) return
    asking += 1
    for (let watched = queue.shift(); watched !== undefined; watched = queue.shift()) {
      if (!watched.stop.signal.aborted) await askOnce(watched)
    }
    asking -= 1
  }

  async function askOnce (watched: Watched): Promise<void> {
    const { job, known, stop: { signal }, waiting } = watched
    const before = lateOf(watched)
    const answerMs = Math.min(ANSWER_MS, leftMsOf(watched) + LAST_ANSWER_MS)
    await Promise.all([...waiting.keys()].map(async index => {
      const port = job.ports[index]
      const { httpPath } = job.exposedPorts[index]!.ready!
      const problem = port === undefined
        ? 'its number is not known'
        : await ask({ port, httpPath, signal, answerMs, isOwn: async () => await job.isOwn(port, known) })
      if (signal.aborted) return
      if (problem === undefined) waiting.delete(index)
      else if (job.sinceStartMs() >= readyTimeoutMs(job.exposedPorts, index)) waiting.set(index, problem)
    }))
    if (signal.aborted) return
    if (waiting.size > 0) {
      schedule(watched, pauseMs(job.sinceStartMs(), jobs.size, leftMsOf(watched)))
      if (lateOf(watched) !== before) changed(job.id)
      return
    }
    jobs.delete(job.id)
    readyTimes.set(job.id, now())
    changed(job.id)
  }

  function begin (job: AskedJob): Watched {
    const indexes = job.exposedPorts.flatMap(({ ready }, index) => ready === undefined ? [] : [index])
    const watched: Watched = {
      job,
      waiting: new Map(indexes.map(index => [index, undefined])),
      known: new Set(),
      stop: new AbortController()
    }
    jobs.set(job.id, watched)
    // A launcher that has just started does not know how long the program has answered.
    schedule(watched, pauseMs(0, jobs.size))
    return watched
  }

  function forget (id: string): void {
    readyTimes.delete(id)
    const watched = jobs.get(id)
    if (watched === undefined) return
    watched.stop.abort()
    clearTimeout(watched.timer)
    jobs.delete(id)
  }

  return {
    watch (job) {
      const readyTime = readyTimes.get(job.id)
      if (readyTime !== undefined) return { readyTime }
      const { waiting } = jobs.get(job.id) ?? begin(job)
      return { waiting: Array.from(waiting, ([index, problem]) => ({ index, problem })) }
    },
    forget,
    close () { for (const id of [...jobs.keys()]) forget(id) }
  }
}

/** Milliseconds until the next port is late; Infinity if none will be. */
function leftMsOf ({ job: { exposedPorts, sinceStartMs }, waiting }: Watched): number {
  const sinceMs = sinceStartMs()
  const left = Array.from(waiting.keys(), index => readyTimeoutMs(exposedPorts, index) - sinceMs)
  return Math.min(...left.filter(ms => ms > 0))
}

/** The ports that are known to be late. */
function lateOf ({ waiting }: Watched): string {
  return [...waiting].filter(([, problem]) => problem !== undefined).map(([index]) => index).join()
}
