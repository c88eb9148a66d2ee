// Waits, for a request, until a job runs, is ready or has ended. A host that keeps no stream open asks again and again.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import { OneOf } from '../lib/one-of.ts'
import { endsReadyWait } from '../model/exposed-port.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { isRemoved } from '../jobs/store/removals.ts'
import type { Service } from './service.ts'

export const DEFAULT_SECONDS = 30
/** Proxies between a host and the launcher close a connection that is silent for longer. */
const MAX_SECONDS = 300
const STATES = ['running', 'ready', 'ended'] as const

export const TimeoutSeconds = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: MAX_SECONDS,
    description: `Seconds to wait at most; ${DEFAULT_SECONDS} unless given. Only with wait.`
  })
)

export const WaitQuery = Type.Object({
  wait: Type.Optional(
    OneOf(STATES, {
      description:
        'Reply once the job runs (running: it also counts if it is suspended), is ready (ready) or has ended (each), ' +
        'or after timeoutSeconds with the job as it is then: look at its status and, for ready, at readyTime. ready ' +
        'also replies once the job has the reason NotReady. A job none of whose ports has ready is ready once it ' +
        'runs. ShuttingDown if the launcher stops.'
    })
  ),
  timeoutSeconds: TimeoutSeconds
})

export type WaitQuery = Static<typeof WaitQuery>

/** Throws InvalidRequest, which names the field. Called before anything is done for the request. */
export function checkWait (
  { wait, timeoutSeconds }: { readonly wait?: string, readonly timeoutSeconds?: number },
  values: readonly string[] = STATES
): void {
  if (wait !== undefined || timeoutSeconds === undefined) return
  const choice = values.map(value => `wait=${value}`).join(' or ')
  const message = `timeoutSeconds (query) is given without wait; add ${choice}.`
  throw new LauncherError('InvalidRequest', message, { field: 'timeoutSeconds', in: 'query' })
}

/** Resolves with the job when the query's wait is over. Rejects with ShuttingDown if the launcher stops. */
export async function waited (
  job: Job,
  { wait, timeoutSeconds = DEFAULT_SECONDS }: WaitQuery,
  { request, reply }: { request: FastifyRequest, reply: FastifyReply },
  { jobs, streams, visibleJob }: Pick<Service, 'jobs' | 'streams' | 'visibleJob'>
): Promise<Job> {
  if (wait === undefined || isReached(wait, job)) return job
  const open = streams.open(reply)
  const signal = AbortSignal.any([open, AbortSignal.timeout(timeoutSeconds * 1000)])
  for await (const changes of jobs.follow({ id: job.id }, jobs.eventId(job.revision), signal)) {
    if (typeof changes === 'string') continue
    const reached = changes.find((change): change is Job => !isRemoved(change) && isReached(wait, change))
    if (reached !== undefined) return reached
  }
  if (open.aborted && !reply.raw.destroyed) open.throwIfAborted()
  return visibleJob(job.id, request)
}

function isReached (wait: NonNullable<WaitQuery['wait']>, job: Job): boolean {
  const { status, reason, readyTime, submission: { exposedPorts } } = job
  switch (wait) {
    case 'running': return status !== 'Pending'
    case 'ready': return endsReadyWait({ status, reason, readyTime, ...(exposedPorts && { exposedPorts }) })
    case 'ended': return isEnded(status)
  }
}
