// Routes that control jobs: one, or all that match a filter.

import type { FastifyBaseLogger } from 'fastify'
import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import type { ControlResult } from '../jobs/control-matching.ts'
import { publicJob, PublicJob } from '../jobs/public-job.ts'
import { defined } from '../lib/defined.ts'
import { JobId } from '../model/job.ts'
import { OperationWord, StatusWord } from '../model/job-words.ts'
import { FilterQuery, filterOf } from './job-query.ts'
import { JobPath } from './jobs.ts'
import { launcherErrorOf, Problem } from './problem.ts'
import { json } from './replies.ts'
import type { Server, Service } from './service.ts'
import { WaitQuery, checkWait, waited } from './wait.ts'

const tags = ['jobs']

const operation = {
  ...OperationWord,
  description:
    'stop sends SIGTERM, then SIGKILL after the grace period. kill sends SIGKILL at once. cancel is for Pending jobs.'
}

const ControlledJob = Type.Object({
  id: JobId,
  operation: Type.Optional(
    {
      ...OperationWord,
      description:
        'The operation that was requested: cancel instead of stop or kill for a Pending job. Missing if none was: ' +
        'the job ended before its turn, or it has another code than RequestTimeout, or its turn had not come.'
    }
  ),
  status: Type.Optional(
    { ...StatusWord, description: 'The status after the request. Missing if the job has a code.' }
  ),
  code: Type.Optional(Problem.properties.code),
  detail: Type.Optional(
    Type.String({ description: 'Why the operation was not carried out, or is not known to be. Only with a code.' })
  )
}, { title: 'ControlledJob' })

const Control = Type.Object({ operation }, { additionalProperties: false, title: 'Control' })

const ControlAll = Type.Object({
  operation,
  all: Type.Optional(
    Type.Boolean({
      description:
        'Must be true in a call without a filter, which concerns all jobs that the user may control, and false or ' +
        'missing in a call with one. The name * counts as no filter.'
    })
  )
}, { additionalProperties: false, title: 'ControlAll' })

const ControlledJobs = Type.Object({
  jobs: Type.Array(ControlledJob, { description: 'The jobs that matched, the newest first.' }),
  complete: Type.Boolean({
    description:
      'false while jobs of an earlier launcher may be missing, on a cluster of the filter that is not adopted yet.'
  })
}, { title: 'ControlledJobs' })

export function controlRoutes (server: Server, service: Service): void {
  const { jobs, requester, visibleJob, withTimeout } = service
  server.post(
    '/v1/jobs/:id/control',
    {
      schema: {
        operationId: 'controlJob',
        tags,
        summary: 'Stop, kill, cancel, suspend or resume a job',
        description:
          'The reply is sent once the operation is requested, or with wait when it has taken effect. The status ' +
          'stream shows it, too. endedBy of the ended job has who requested it.',
        params: JobPath,
        querystring: WaitQuery,
        body: Control,
        response: { 202: json(PublicJob, 'The operation is requested.') }
      }
    },
    async (request, reply) => {
      checkWait(request.query)
      const { id } = visibleJob(request.params.id, request)
      const by = defined({ user: requester(request).user })
      const job = await withTimeout(jobs.control(id, request.body.operation, by))
      const seen = await waited(job, request.query, { request, reply }, service)
      return await reply.code(202).send(publicJob(jobs.shown(seen)))
    }
  )

  server.post(
    '/v1/jobs/control',
    {
      schema: {
        operationId: 'controlJobs',
        tags,
        summary: 'Stop, kill, cancel, suspend or resume all jobs that match a filter',
        description:
          'The filter is that of GET /v1/jobs. The operation is requested for each job that matches, has not ended ' +
          'and may be controlled by the user; the reply says what became of each. stop and kill cancel the Pending ' +
          'jobs. Jobs submitted during the call are not concerned. Jobs that are not done within ' +
          'request-timeout-seconds have the code RequestTimeout. It is safe to repeat the call.',
        querystring: FilterQuery,
        body: ControlAll,
        response: { 200: json(ControlledJobs, 'What became of each job.') }
      }
    },
    async request => {
      const { operation, all = false } = request.body
      const who = requester(request)
      const filter = filterOf(request.query, who, jobs)
      requireMeant(all, selects(request.query) && filter.names?.includes('*') !== true)
      const notAdopted = jobs.notAdopted(filter.clusters)
      const results = await jobs.controlMatching(filter, operation, defined({ user: who.user }), withTimeout)
      return { jobs: results.map(result => controlledJob(result, request.log)), complete: notAdopted.length === 0 }
    }
  )
}

function selects (query: Static<typeof FilterQuery>): boolean {
  return Object.values(query).some(value => value !== undefined)
}

/** Throws InvalidRequest for a call that may concern other jobs than its host means. */
function requireMeant (all: boolean, hasFilter: boolean): void {
  if (all !== hasFilter) return
  throw new LauncherError(
    'InvalidRequest',
    all
      ? 'all (body) is true, but the query has a filter. Omit one of the two.'
      : 'The query has no filter, so that the call concerns all jobs. Send a filter, or all: true in the body.',
    { field: 'all', in: 'body' }
  )
}

function controlledJob ({ error, ...result }: ControlResult, log: FastifyBaseLogger): Static<typeof ControlledJob> {
  if (error === undefined) return result
  const { code, message } = launcherErrorOf(error)
  if (code === 'InternalError') log.error({ err: error, code, job: result.id }, 'request failed')
  return { ...result, code, detail: message }
}
