// The launcher's API as functions: what the command line, the examples and Node hosts call.

import type { JobSubmission } from '../model/job.ts'
import type { Operation } from '../model/status.ts'
import { connect, type ConnectionOptions } from './connection.ts'
import { readEvents, type EventOptions } from './events.ts'
import { filterQuery } from './filter-query.ts'
import { readOutput, type OutputOptions } from './output.ts'
import type { ClientCluster, ClientExplanation, ClientJob, ClientNetwork, JobFilter, Readiness } from './replies.ts'

export { ERRORS, isLauncherError, LauncherError, type ErrorCode, type ErrorDetails, type ErrorKind } from '../errors.ts'
export { isEnded, JOB_STATUSES, OPERATIONS, type JobStatus } from '../model/status.ts'
export type { PublicJob } from '../jobs/public-job.ts'
export type * from '../model/explanation.ts'
export { REASONS, type Reason } from '../model/reasons.ts'
export type { Entitlements } from '../plugin.ts'
export type { JobSubmission, Operation }
export type {
  ConnectionOptions,
  EventOptions,
  OutputOptions,
  ClientCluster,
  ClientExplanation,
  ClientJob,
  ClientNetwork,
  JobFilter,
  Readiness
}

/** Every function rejects with a LauncherError: with the code of the launcher's reply, or with LauncherUnreachable. */
export interface LauncherClient {
  /** With `idempotencyKey` a repeat gives the job that the first call made. */
  submit (submission: JobSubmission, options?: { idempotencyKey?: string, dryRun?: boolean }): Promise<ClientJob>
  /** What would become of the job, and why; nothing is made. */
  explain (submission: JobSubmission): Promise<ClientExplanation>
  get (id: string): Promise<ClientJob>
  /** Newest first; reads further pages as they are asked for. */
  list (filter?: JobFilter): AsyncGenerator<ClientJob, void>
  /** Forgets an ended job and its output. */
  remove (id: string): Promise<void>
  control (id: string, operation: Operation): Promise<ClientJob>
  /** Bytes of one stream, as they were written. Following outlives restarts of the launcher. */
  output (id: string, options: OutputOptions): AsyncGenerator<Uint8Array, void>
  /** The job or jobs after each change. Outlives restarts of the launcher. */
  events (options?: EventOptions): AsyncGenerator<ClientJob, void>
  /** Waits for the final status. */
  ended (id: string, signal?: AbortSignal): Promise<ClientJob>
  network (id: string): Promise<ClientNetwork>
  clusters (): Promise<readonly ClientCluster[]>
  cluster (name: string): Promise<ClientCluster>
  /** Whether the launcher and its clusters can take jobs now, and if not, why. */
  readiness (signal?: AbortSignal): Promise<Readiness>
  /** Ends every call that is under way. */
  close (): Promise<void>
}

/** Connects at the first call. The key file is read at once and throws FileNotReadable. */
export function createClient (options: ConnectionOptions): LauncherClient {
  const connection = connect(options)
  const jobPath = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`

  async function * list (filter?: JobFilter): AsyncGenerator<ClientJob, void> {
    const query = filterQuery(filter)
    let cursor: string | undefined
    do {
      const page = (await connection.json({ path: '/v1/jobs', query: { ...query, cursor } })) as {
        jobs: ClientJob[]
        nextCursor?: string
      }
      yield * page.jobs
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }

  async function ended (id: string, signal?: AbortSignal): Promise<ClientJob> {
    let last: ClientJob | undefined
    for await (const job of readEvents(connection, { id, signal })) last = job
    signal?.throwIfAborted()
    return last as ClientJob
  }

  return {
    submit: (submission, { idempotencyKey, dryRun } = {}) =>
      connection.json({
        method: 'POST',
        path: '/v1/jobs',
        query: { dryRun: dryRun === true ? 'true' : undefined },
        body: submission,
        ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } })
      }) as Promise<ClientJob>,
    explain: submission =>
      connection.json({ method: 'POST', path: '/v1/explain', body: submission }) as Promise<ClientExplanation>,
    get: id => connection.json({ path: jobPath(id) }) as Promise<ClientJob>,
    list,
    remove: async id => {
      await connection.json({ method: 'DELETE', path: jobPath(id) })
    },
    control: (id, operation) =>
      connection.json({ method: 'POST', path: `${jobPath(id)}/control`, body: { operation } }) as Promise<ClientJob>,
    output: (id, options) => readOutput(connection, id, options),
    events: (options = {}) => readEvents(connection, options),
    ended,
    network: id => connection.json({ path: `${jobPath(id)}/network` }) as Promise<ClientNetwork>,
    clusters: async () => (await connection.json({ path: '/v1/clusters' }) as { clusters: ClientCluster[] }).clusters,
    cluster: name => connection.json({ path: `/v1/clusters/${encodeURIComponent(name)}` }) as Promise<ClientCluster>,
    readiness: signal => connection.json({ path: '/health/ready', signal, accept: 503 }) as Promise<Readiness>,
    close: connection.close
  }
}
