// The launcher's API as functions, for the command line, the examples and Node hosts.

import { LauncherError } from '../errors.ts'
import { endsReadyWait } from '../model/exposed-port.ts'
import type { JobSubmission } from '../model/job.ts'
import { isEnded, type Operation } from '../model/status.ts'
import { connect, type ConnectionOptions } from './connection.ts'
import { readEvents, type EventOptions } from './events.ts'
import { filterQuery } from './filter-query.ts'
import {
  readOutput, readOutputPart, type ClientOutputPart, type OutputOptions, type OutputPartOptions
} from './output.ts'
import { readUsage, type UsageFilter } from './usage.ts'
import type {
  ClientArray, ClientCluster, ClientControlledJob, ClientExplanation, ClientJob, ClientJobPreview, ClientJobSummary,
  ClientNetwork, ClientUsage, ClientUsageOfJob, JobFilter, Readiness, RemovedJob
} from './replies.ts'

export { ERRORS, isLauncherError, LauncherError, type ErrorCode, type ErrorDetails, type ErrorKind } from '../errors.ts'
export { JOB_OUTCOMES, type JobOutcome } from '../model/job-outcome.ts'
export { isEnded, JOB_STATUSES, OPERATIONS, type JobStatus } from '../model/status.ts'
export type { PublicJob } from '../jobs/public-job.ts'
export type { RemovalCause } from '../jobs/store/removals.ts'
export type * from '../model/explanation.ts'
export { REASONS, type Reason } from '../model/reasons.ts'
export type { Entitlements, Network, NumberRange, Reach, StartRules } from '../plugin.ts'
export type { JobSubmission, Operation }
export type {
  ConnectionOptions,
  EventOptions,
  OutputOptions,
  OutputPartOptions,
  UsageFilter,
  ClientArray,
  ClientCluster,
  ClientControlledJob,
  ClientExplanation,
  ClientJob,
  ClientJobPreview,
  ClientJobSummary,
  ClientNetwork,
  ClientOutputPart,
  ClientUsage,
  ClientUsageOfJob,
  JobFilter,
  Readiness,
  RemovedJob
}

/**
 * Every function rejects with a LauncherError that has the code of the launcher's reply, or LauncherUnreachable. While
 * a launcher that has answered is restarted, a call is repeated for ten seconds, unless that could carry it out twice.
 * So is a call whose job is not known because the jobs of an earlier launcher are not all adopted; it then rejects with
 * AdoptionIncomplete.
 */
export interface LauncherClient {
  /**
   * With `idempotencyKey`, a repeated call returns the job that the first call created. The client repeats it itself if
   * the connection was closed without a reply.
   */
  submit (submission: JobSubmission, options?: { idempotencyKey?: string, dryRun?: false }): Promise<ClientJob>
  /** Validates the job and fills in defaults. Creates nothing. */
  submit (
    submission: JobSubmission, options: { idempotencyKey?: string, dryRun: true }
  ): Promise<ClientJobPreview>
  /**
   * Submits an array of 2 to 1,000 jobs, all or none. With `idempotencyKey`, a repeated call returns the array that the
   * first call created.
   */
  submitArray (submission: JobSubmission, count: number, options?: { idempotencyKey?: string }): Promise<ClientArray>
  /** Explains how the job would run, and why. Creates nothing. */
  explain (submission: JobSubmission): Promise<ClientExplanation>
  get (id: string): Promise<ClientJob>
  /**
   * Starts a job with the host's own name for it, unless the one with this key has not ended: resolves with that then.
   * At most one such job exists at any time, so the call is safe to repeat.
   */
  ensure (key: string, submission: JobSubmission): Promise<ClientJob>
  /** The job with the key that has not ended, else the newest. Rejects with JobNotFound if none had it. */
  getByKey (key: string): Promise<ClientJob>
  /** Stops the job with the key, or cancels it. Resolves with it, also if it had ended. */
  stopByKey (key: string): Promise<ClientJob>
  /**
   * Yields the newest job first, and reads each further page when it is needed. Returns `complete`: false if jobs of an
   * earlier launcher may be missing, and `lastEventId`: events after it have every change of the jobs since the list.
   */
  list (filter?: JobFilter): AsyncGenerator<ClientJob, { complete: boolean, lastEventId: string }>
  /** Counts jobs. `idempotencyKey` is not possible here. */
  summary (filter?: Omit<JobFilter, 'idempotencyKey'>): Promise<ClientJobSummary>
  /** Deletes an ended job and its output. */
  remove (id: string): Promise<void>
  control (id: string, operation: Operation): Promise<ClientJob>
  /**
   * Requests the operation for each unfinished job that matches the filter, or for `all`. An empty filter rejects with
   * InvalidRequest. The failure of one job is in its entry. `complete` is false if jobs of an earlier launcher may be
   * missing.
   */
  controlMatching (
    operation: Operation, filter: Omit<JobFilter, 'idempotencyKey'> | 'all'
  ): Promise<{ jobs: ClientControlledJob[], complete: boolean }>
  /** Yields the bytes of one stream, as they were written. Following continues after a restart of the launcher. */
  output (id: string, options: OutputOptions): AsyncGenerator<Uint8Array, void>
  /**
   * Reads the next part of the output, of both streams too. Waits for it if there is none yet. If the call fails, the
   * same position is right for the next one.
   */
  outputPart (id: string, options?: OutputPartOptions): Promise<ClientOutputPart>
  /** Yields each job after each change. Continues after a restart of the launcher. */
  events (options?: EventOptions): AsyncGenerator<ClientJob, void>
  /** Waits for the final status. Rejects with JobNotFound if the job is removed before that was read. */
  ended (id: string, signal?: AbortSignal): Promise<ClientJob>
  /**
   * Waits until the job has `readyTime`. Also resolves once it has the reason NotReady, has ended, or runs without a
   * port that has `ready`. Rejects with JobNotFound if the job is removed before that.
   */
  ready (id: string, signal?: AbortSignal): Promise<ClientJob>
  network (id: string): Promise<ClientNetwork>
  /** What the running jobs that match use now, at most five seconds old. */
  usage (filter?: UsageFilter): Promise<ClientUsage>
  /** Yields it again every five seconds, until `signal` aborts. Continues after a restart of the launcher. */
  followUsage (filter?: UsageFilter, signal?: AbortSignal): AsyncGenerator<ClientUsage, void>
  clusters (): Promise<readonly ClientCluster[]>
  cluster (name: string): Promise<ClientCluster>
  /** Reports whether the launcher and its clusters can accept jobs now, and if not, why. */
  readiness (signal?: AbortSignal): Promise<Readiness>
  /** Aborts every call in flight. */
  close (): Promise<void>
}

/** Connects at the first call. Reads the key file at once, and throws FileNotReadable if that fails. */
export function createClient (options: ConnectionOptions): LauncherClient {
  const connection = connect(options)
  const keyPath = (key: string) => `/v1/jobs/by-key/${encodeURIComponent(key)}`
  const jobPath = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`

  async function * list (filter?: JobFilter): AsyncGenerator<ClientJob, { complete: boolean, lastEventId: string }> {
    const query = filterQuery(filter)
    let complete = true
    let lastEventId: string | undefined
    let cursor: string | undefined
    do {
      const page = (await connection.json({ path: '/v1/jobs', query: { ...query, cursor } })) as {
        jobs: ClientJob[]
        complete?: boolean
        lastEventId: string
        nextCursor?: string
      }
      yield * page.jobs
      complete &&= page.complete !== false
      lastEventId ??= page.lastEventId
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return { complete, lastEventId }
  }

  async function ended (id: string, signal?: AbortSignal): Promise<ClientJob> {
    let last: ClientJob | undefined
    for await (const job of readEvents(connection, { id, signal })) last = job
    signal?.throwIfAborted()
    if (last !== undefined && isEnded(last.status)) return last
    throw new LauncherError('JobNotFound', `Job ${id} was removed before its final status was read.`, { jobId: id })
  }

  async function ready (id: string, signal?: AbortSignal): Promise<ClientJob> {
    for await (const job of readEvents(connection, { id, signal })) if (endsReadyWait(job)) return job
    signal?.throwIfAborted()
    throw new LauncherError('JobNotFound', `Job ${id} was removed before it was ready.`, { jobId: id })
  }

  const post = (body: object, idempotencyKey: string | undefined, dryRun = false): Promise<unknown> =>
    connection.json({
      method: 'POST',
      path: '/v1/jobs',
      query: { dryRun: dryRun ? 'true' : undefined },
      body,
      isIdempotent: dryRun || idempotencyKey !== undefined,
      ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } })
    })

  return {
    submit: ((submission, { idempotencyKey, dryRun } = {}) =>
      post(submission, idempotencyKey, dryRun)) as LauncherClient['submit'],
    submitArray: (submission, count, { idempotencyKey } = {}) =>
      post({ ...submission, count }, idempotencyKey) as Promise<ClientArray>,
    explain: submission =>
      connection.json({
        method: 'POST', path: '/v1/explain', body: submission, isIdempotent: true
      }) as Promise<ClientExplanation>,
    get: id => connection.json({ path: jobPath(id) }) as Promise<ClientJob>,
    ensure: (key, body) =>
      connection.json({ method: 'PUT', path: keyPath(key), body, isIdempotent: true }) as Promise<ClientJob>,
    getByKey: key => connection.json({ path: keyPath(key) }) as Promise<ClientJob>,
    stopByKey: key =>
      connection.json({ method: 'DELETE', path: keyPath(key), isIdempotent: true }) as Promise<ClientJob>,
    list,
    summary: filter =>
      connection.json({ path: '/v1/jobs/summary', query: filterQuery(filter) }) as Promise<ClientJobSummary>,
    remove: async id => {
      await connection.json({ method: 'DELETE', path: jobPath(id) })
    },
    control: (id, operation) =>
      connection.json({ method: 'POST', path: `${jobPath(id)}/control`, body: { operation } }) as Promise<ClientJob>,
    controlMatching: (operation, filter) =>
      connection.json({
        method: 'POST',
        path: '/v1/jobs/control',
        ...(filter === 'all' ? { body: { operation, all: true } } : { query: filterQuery(filter), body: { operation } })
      }) as ReturnType<LauncherClient['controlMatching']>,
    output: (id, options) => readOutput(connection, id, options),
    outputPart: (id, options = {}) => readOutputPart(connection, id, options),
    events: (options = {}) => readEvents(connection, options),
    ended,
    ready,
    network: id => connection.json({ path: `${jobPath(id)}/network` }) as Promise<ClientNetwork>,
    usage: filter => connection.json({ path: '/v1/usage', query: filterQuery(filter) }) as Promise<ClientUsage>,
    followUsage: (filter, signal) => readUsage(connection, filter, signal),
    clusters: async () => (await connection.json({ path: '/v1/clusters' }) as { clusters: ClientCluster[] }).clusters,
    cluster: name => connection.json({ path: `/v1/clusters/${encodeURIComponent(name)}` }) as Promise<ClientCluster>,
    readiness: signal => connection.json({ path: '/health/ready', signal, accept: 503 }) as Promise<Readiness>,
    close: connection.close
  }
}
