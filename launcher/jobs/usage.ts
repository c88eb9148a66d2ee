// Measures all running jobs in rounds. All readers share a round. Without readers, rounds only keep the peaks.

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isLauncherError } from '../errors.ts'
import { singleFlight } from '../lib/single-flight.ts'
import { withTimeout } from '../lib/with-timeout.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import type { JobMeasurement, NotMeasured } from '../model/usage.ts'
import type { Cluster } from './cluster.ts'
import type { JobUsage } from '../model/job-usage.ts'
import { firstFigures, isWorthSaving, usageAtEnd, withMeasurement, type Figures } from './job-figures.ts'
import { createRunningJobs, type RunningJob } from './running-jobs.ts'
import type { Change } from './store/apply-change.ts'
import type { Store } from './store/store.ts'

/** A reader gets figures that are at most so old, and a stream new ones this often. */
export const USAGE_INTERVAL_MS = 5000
/** Without readers, a round follows the one before after this part of the time that it took: 1 %. */
const BACKGROUND_SHARE = 0.01
const MAX_BACKGROUND_MS = 60_000
/** A reader gets a job that has begun to run after at most so long. */
const NEW_JOB_MS = 1000
/** A cluster that does not answer must not hold back the figures of the others. */
const CLUSTER_TIMEOUT_MS = 10_000
/** Between two saves of figures that have grown, which costs a write for each job. */
const SAVE_MS = 60_000
/** Jobs whose figures one write saves: some milliseconds. */
const SAVED_AT_ONCE = 500

export interface Measured {
  readonly job: RunningJob
  readonly figures: Figures
}

/** The result of a round: the jobs that still run, by id. All readers of the round get the same object. */
export type Reading = readonly Measured[]

export interface Usage {
  /** A job may have begun or stopped to run. Called with each job that this launcher adopts, and after each change. */
  seen (job: Job): void
  /** Adds what was measured to a change that ends the job. */
  atEnd (id: string, change: Change): Change
  /** Resolves with the result of a round that is not older than USAGE_INTERVAL_MS. */
  read (): Promise<Reading>
  /** Yields the present reading, then that of each further round, until the signal aborts. */
  follow (signal: AbortSignal): AsyncGenerator<Reading, void>
  /** Begins the rounds that keep the peaks. */
  begin (): void
  /** Ends the rounds, and saves what unfinished jobs have used. */
  close (): Promise<void>
}

interface Dependencies {
  readonly store: Pick<Store, 'saveUsage'>
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly log: Logger
  readonly intervalMs?: number
}

const NOT_MEASURED = firstFigures({}, {
  code: 'ResourcesNotAvailable', detail: 'The job has not been measured yet.'
})

export function createUsage (
  { store, clusters, log, intervalMs = USAGE_INTERVAL_MS }: Dependencies
): Usage {
  const running = createRunningJobs()
  const figures = new Map<string, Figures>()
  const saved = new Map<string, JobUsage>()
  const underWay = new Map<string, Promise<void>>()
  const rounds = singleFlight(round)
  let latest: { reading: Reading, readonly at: number, readonly tookMs: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let savedAt = -Infinity
  /** A job began to run that is in no reading yet. */
  let hasNew = false
  /** A job of the latest reading has ended. */
  let hasEnded = false
  /** A client waits for the next round, or reads a stream of them. */
  let wanted = false
  let begun = false
  let closed = false

  const figuresOf = (job: Pick<Job, 'id' | 'usage'>): Figures => figures.get(job.id) ?? firstFigures(job.usage)

  function record (job: RunningJob, measured: JobMeasurement | NotMeasured): void {
    if (running.get(job.id) !== undefined) figures.set(job.id, withMeasurement(figuresOf(job), measured, job.startTime))
  }

  async function measure (cluster: Cluster, jobs: readonly RunningJob[], isRead: boolean): Promise<void> {
    const measurements = await cluster.plugin.usage?.(jobs, { isRead })
    const missing: NotMeasured | undefined = measurements === undefined
      ? { code: 'ResourcesNotAvailable', detail: `The cluster ${cluster.name} does not measure its jobs together.` }
      : undefined
    for (const job of jobs) {
      const measured = missing ?? measurements?.get(job.id)
      if (measured !== undefined) record(job, measured)
    }
  }

  /** A measurement that takes too long goes on, and the next round joins it. */
  async function measureInTime (cluster: Cluster, jobs: readonly RunningJob[], isRead: boolean): Promise<void> {
    const work = underWay.get(cluster.name) ??
      measure(cluster, jobs, isRead).finally(() => { underWay.delete(cluster.name) })
    underWay.set(cluster.name, work)
    try {
      await withTimeout(work, CLUSTER_TIMEOUT_MS)
    } catch (error) {
      const problem = problemOf(error, cluster.name)
      for (const job of jobs) record(job, problem)
    }
  }

  function problemOf (error: unknown, cluster: string): NotMeasured {
    if (isLauncherError(error)) return { code: error.code, detail: error.message }
    log.error({ err: error, cluster }, 'usage not measured')
    return { code: 'InternalError', detail: `The usage of the jobs on ${cluster} could not be measured.` }
  }

  async function round (): Promise<Reading> {
    const from = performance.now()
    const all = running.all()
    hasNew = false
    const isRead = wanted
    wanted = false
    await Promise.all([...clusters.values()].map(async cluster => {
      const jobs = all.filter(job => job.cluster === cluster.name)
      if (jobs.length > 0) await measureInTime(cluster, jobs, isRead)
    }))
    const reading = all
      .filter(({ id }) => running.get(id) !== undefined)
      .map(job => ({ job, figures: figures.get(job.id) ?? NOT_MEASURED }))
    const at = performance.now()
    latest = { reading, at, tookMs: at - from }
    return reading
  }

  async function read (): Promise<Reading> {
    wanted = true
    return await present()
  }

  async function present (): Promise<Reading> {
    if (latest === undefined) return await rounds.run()
    const ageMs = performance.now() - latest.at
    if (ageMs >= (hasNew ? NEW_JOB_MS : intervalMs)) return await rounds.run()
    if (hasEnded) latest.reading = latest.reading.filter(({ job }) => running.get(job.id) !== undefined)
    hasEnded = false
    return latest.reading
  }

  async function save (isDue: (job: RunningJob) => boolean): Promise<void> {
    const due = running.all().filter(job => figures.has(job.id) && isDue(job))
    for (let from = 0; from < due.length; from += SAVED_AT_ONCE) {
      const part = due.slice(from, from + SAVED_AT_ONCE).flatMap(job => {
        const usage = usageAtEnd(figuresOf(job))
        return usage === undefined ? [] : [[job.id, usage] as const]
      })
      await store.saveUsage(part)
      for (const [id, usage] of part) if (running.get(id) !== undefined) saved.set(id, usage)
    }
  }

  async function background (): Promise<void> {
    try {
      await present()
      if (performance.now() - savedAt >= SAVE_MS) {
        savedAt = performance.now()
        await save(job => isWorthSaving(figuresOf(job), saved.get(job.id) ?? job.usage ?? {}))
      }
    } catch (error) {
      // A full disk must not end the rounds.
      log.warn({ err: error }, 'usage not saved')
    }
    timer = undefined
    schedule()
  }

  /** A launcher without jobs is not woken. */
  function schedule (): void {
    if (!begun || closed || timer !== undefined || running.count() === 0) return
    const share = (latest?.tookMs ?? 0) / BACKGROUND_SHARE
    timer = setTimeout(background, Math.min(Math.max(share, intervalMs), MAX_BACKGROUND_MS)).unref()
  }

  return {
    seen (job) {
      const count = running.count()
      running.seen(job)
      hasNew ||= running.count() > count
      hasEnded ||= running.count() < count
      schedule()
      if (!isEnded(job.status)) return
      figures.delete(job.id)
      saved.delete(job.id)
    },
    atEnd (id, change) {
      const job = running.get(id)
      if (change.status === undefined || !isEnded(change.status)) return change
      const usage = usageAtEnd(job === undefined ? NOT_MEASURED : figuresOf(job), change.usage)
      return usage === undefined ? change : { ...change, usage }
    },
    read,
    async * follow (signal) {
      let last: Reading | undefined
      while (!signal.aborted) {
        const reading = await read()
        if (reading !== last) yield reading
        last = reading
        const dueAt = (latest?.at ?? 0) + intervalMs
        await delay(Math.max(1, dueAt - performance.now()), undefined, { signal }).catch(() => {})
      }
    },
    begin () {
      begun = true
      schedule()
    },
    async close () {
      closed = true
      clearTimeout(timer)
      await save(() => true).catch((error: unknown) => { log.warn({ err: error }, 'usage not saved') })
    }
  }
}
