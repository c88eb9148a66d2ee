// Plays the core's small part towards a plugin: calls in the contract's order, one at a time for a job, and observes
// again only after a reported change or the requested time.

import { EventEmitter, once } from 'node:events'
import { randomInt } from 'node:crypto'
import pino from 'pino'
import { createMetrics } from '../../launcher/metrics.ts'
import { admittedOrThrow } from '../../launcher/plugin-kit/refusals.ts'
import type {
  Intent,
  Job,
  JobSubmission,
  Observation,
  Operation,
  OutputRequest,
  Plugin,
  PluginContext
} from '../../launcher/plugin.ts'

export interface Backend {
  /** Opens a plugin instance on this backend, as a launcher does at each start. */
  open (context: Omit<PluginContext, 'scratchPath'>): Promise<Plugin>
  /** User that jobs run as. */
  readonly user: string
  /** Leaves what a start leaves that crashes before it claims the right to run. */
  halfStart?(job: Job): Promise<void>
  /** Removes everything. */
  end (): Promise<void>
}

export type Driver = Awaited<ReturnType<typeof drive>>
export type Ended = Observation & { state: 'ended' }

/** Shorter than the limit of a test, so that the failure names what the test waited for. */
const WAIT_LIMIT_MS = 120_000
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export function newId (): string {
  return Array.from({ length: 26 }, () => ALPHABET[randomInt(32)]).join('')
}

/** Opens a plugin; `close` it before another is opened on this backend. */
export async function drive (backend: Backend) {
  const changes = new EventEmitter().setMaxListeners(0)
  const counts = new Map<string, number>()
  const calls = new Map<string, Promise<unknown>>()
  const plugin = await backend.open({
    cluster: 'Conformance',
    instance: 'c0ffee000000',
    serverUser: undefined,
    log: pino({ level: 'silent' }),
    environment: {},
    counts: createMetrics().countsOf('Conformance'),
    changed (id) {
      counts.set(id, (counts.get(id) ?? 0) + 1)
      changes.emit(id)
    },
    startRulesChanged () {}
  })
  // A plugin must keep no process alive, so that the launcher can end; the test needs one that is.
  const alive = setInterval(() => {}, 1000)

  /** Runs one call at a time for a job. */
  function inTurn<T> (id: string, work: () => Promise<T>): Promise<T> {
    const done = (calls.get(id) ?? Promise.resolve()).then(work)
    calls.set(id, done.catch(() => {}))
    return done
  }

  async function observe (job: Job): Promise<Observation> {
    const seen = await inTurn(job.id, () => plugin.observe(job))
    if (seen.state !== 'absent' && seen.state !== 'created') job.submittedToBackend = true
    if (seen.state === 'running') {
      job.status = 'Running'
      job.startTime ??= seen.startTime
    }
    if (seen.state === 'suspended') job.status = 'Suspended'
    if (seen.state === 'ended') Object.assign(job, seen.outcome)
    return seen
  }

  /**
   * Observes after each possible change, until `accept` accepts the observation or the job has ended. Rejects after
   * WAIT_LIMIT_MS, with the last observation.
   */
  async function untilSeen (job: Job, accept: (seen: Observation) => boolean): Promise<Observation> {
    const until = performance.now() + WAIT_LIMIT_MS
    for (;;) {
      const waiting = new AbortController()
      const limit = AbortSignal.timeout(Math.max(0, Math.ceil(until - performance.now())))
      const changed = once(changes, job.id, { signal: AbortSignal.any([waiting.signal, limit]) }).catch(() => {})
      const seen = await observe(job)
      if (accept(seen) || seen.state === 'ended') {
        waiting.abort()
        return seen
      }
      // The timer of a limit of 0 ms may fire later than an observation resolves.
      if (performance.now() >= until) {
        throw new Error(`after ${WAIT_LIMIT_MS / 1000} s the job is still ${JSON.stringify(seen)}`)
      }
      const requeueAfterMs = 'requeueAfterMs' in seen ? seen.requeueAfterMs : undefined
      const timer = requeueAfterMs === undefined ? undefined : setTimeout(() => waiting.abort(), requeueAfterMs)
      await changed
      clearTimeout(timer)
      waiting.abort()
    }
  }

  function until (job: Job, ...states: Array<Observation['state']>): Promise<Observation> {
    return untilSeen(job, ({ state }) => states.includes(state))
  }

  return {
    plugin,
    observe,
    until,
    untilSeen,

    /** Resolves when the plugin has reported more changes than `known`, with their number. */
    async changesAfter (id: string, known: number): Promise<number> {
      while ((counts.get(id) ?? 0) <= known) await once(changes, id)
      return counts.get(id)!
    },

    /** What a submission is stored as. Rejects with the first refusal. */
    async admit (submission: JobSubmission, user = backend.user): Promise<JobSubmission> {
      return admittedOrThrow(await plugin.decide(submission, { user, groups: [] }, { explain: false }))
    },

    async prepare (submission: JobSubmission): Promise<Job> {
      const now = Date.now()
      return {
        id: newId(),
        user: backend.user,
        cluster: 'Conformance',
        submission: await this.admit(submission),
        submissionTime: now,
        idempotency: { user: '', key: submission.name, bodyHash: 'hash' },
        status: 'Pending',
        revision: 1,
        lastUpdateTime: now,
        submittedToBackend: false
      }
    },

    async submit (submission: JobSubmission): Promise<Job> {
      const job = await this.prepare(submission)
      await this.start(job)
      return job
    },

    start: (job: Job) => inTurn(job.id, () => plugin.start(job)),

    async untilEnded (job: Job): Promise<Ended> {
      return await until(job, 'ended') as Ended
    },

    /** The intent is in the job before the plugin is called, as in the store. */
    control (job: Job, operation: Operation): Promise<void> {
      if (operation !== 'suspend' && operation !== 'resume') job.intent = { operation, at: Date.now() } satisfies Intent
      return inTurn(job.id, () => plugin.control(job, operation))
    },

    forget: (job: Job) => inTurn(job.id, () => plugin.destroy(job)),

    async read (job: Job, request: Partial<OutputRequest> = {}): Promise<Buffer> {
      const pieces = []
      const output = await plugin.output(job, {
        stream: 'stdout',
        from: { stdout: 0, stderr: 0 },
        follow: false,
        signal: new AbortController().signal,
        ...request
      })
      for await (const { data } of output) pieces.push(data)
      return Buffer.concat(pieces)
    },

    /** Resolves when the program has written the text to standard output. */
    async untilWritten (job: Job, text: string): Promise<void> {
      const reading = new AbortController()
      let written = ''
      const output = await plugin.output(job, {
        stream: 'stdout',
        from: { stdout: 0, stderr: 0 },
        follow: true,
        signal: reading.signal
      })
      for await (const { data } of output) {
        written += Buffer.from(data).toString()
        if (written.includes(text)) reading.abort()
      }
      if (!written.includes(text)) throw new Error(`the program ended without having written ${text}: ${written}`)
    },

    async close (): Promise<void> {
      clearInterval(alive)
      await plugin.close()
    }
  }
}
