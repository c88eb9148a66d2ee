// The dependencies of every route, and the fastify instance with TypeBox types.

import type {
  FastifyInstance,
  FastifyRequest,
  FastifyTypeProvider,
  FastifyBaseLogger,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault
} from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { LauncherConfig } from '../config/launcher-config.ts'
import type { Cluster } from '../jobs/cluster.ts'
import type { Disk } from '../jobs/disk.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Metrics } from '../metrics.ts'
import type { Job } from '../model/job.ts'
import type { Subject } from '../plugin.ts'
import type { Requester } from './requester.ts'
import type { Streams } from './streams.ts'

interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxProvider
>

export interface Service {
  readonly jobs: Jobs
  readonly disk: Pick<Disk, 'state' | 'problem'>
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly metrics: Metrics
  readonly streams: Streams
  /** The present configuration; a reload replaces it. */
  readonly config: () => LauncherConfig
  /** Keys that authenticate cursors. New ones get the first. */
  readonly cursorKeys: () => readonly string[]
  /** Id of this launcher instance. */
  readonly instance: string
  requester (request: FastifyRequest): Requester
  /** Returns the job if the request may see it. Throws JobNotFound, or AdoptionIncomplete if it may still appear. */
  visibleJob (id: string, request: FastifyRequest): Job
  /** The user whose permissions apply to this request; the default user if the request names none. */
  subjectOf (requester: Requester): Promise<Subject>
  /** Rejects with RequestTimeout when the cluster takes longer than request-timeout-seconds. */
  withTimeout<T> (work: Promise<T>): Promise<T>
}
