// What every route is given, and the fastify instance with TypeBox types.

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
import type { Jobs } from '../jobs/jobs.ts'
import type { Metrics } from '../metrics.ts'
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
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly metrics: Metrics
  readonly streams: Streams
  /** The configuration in force; a reload replaces it. */
  readonly config: () => LauncherConfig
  /** Key that seals cursors. */
  readonly key: string
  /** The jobs of an earlier launcher were taken up. */
  readonly adopted: () => boolean
  requester (request: FastifyRequest): Requester
  /** Whom an answer about what may be used is for: the user, or whoever jobs that name nobody are of. */
  whoOf (requester: Requester): Promise<Subject>
  /** Rejects with RequestTimeout when the cluster takes longer than request-timeout-seconds. */
  withTimeout<T> (work: Promise<T>): Promise<T>
}
