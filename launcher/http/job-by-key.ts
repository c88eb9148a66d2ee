// Routes by the host's own name for a job: start it unless it has not ended, show it, stop it.

import { Type } from 'typebox'
import { publicJob, PublicJob } from '../jobs/public-job.ts'
import { defined } from '../lib/defined.ts'
import { SingleJobBody } from '../model/job-body.ts'
import { KeyText } from '../model/job-key.ts'
import { isEnded } from '../model/status.ts'
import { isAbandoned } from './abandoned.ts'
import { json } from './replies.ts'
import type { Server, Service } from './service.ts'
import { WaitQuery, checkWait, waited } from './wait.ts'

const PATH = '/v1/jobs/by-key/:key'
const params = Type.Object({ key: KeyText })
const tags = ['jobs']

export function keyRoutes (server: Server, service: Service): void {
  const { jobs, metrics, requester, visibleJob, withTimeout } = service

  server.put(
    PATH,
    {
      schema: {
        operationId: 'startJobByKey',
        tags,
        summary: 'Start a job unless the one with this key has not ended',
        description:
          'The key is a name that the host chooses, such as that of a notebook server. The reply is 201 with the new ' +
          'job, or 200 with the one that has the key and has not ended, whatever its submission was: at most one ' +
          'such job exists at any time, whatever is killed or repeated. A job that has ended leaves its key to the ' +
          'next one. Keys belong to the user of X-Launcher-User, and without the header to the host. If a lost ' +
          'database may have had the key, the reply is AdoptionIncomplete until all clusters are adopted.',
        params,
        querystring: WaitQuery,
        body: SingleJobBody,
        response: {
          200: json(PublicJob, 'The job that has the key and has not ended.'),
          201: json(PublicJob, 'The job is accepted.', { Location: Type.String({ description: 'Path of the job.' }) })
        }
      }
    },
    async (request, reply) => {
      checkWait(request.query)
      const { key } = request.params
      const { job, created } = await withTimeout(
        jobs.submit(request.body, requester(request), { key, isAbandoned: () => isAbandoned(request, reply) })
      )
      metrics.submissions.inc({ cluster: job.cluster, outcome: created ? 'accepted' : 'repeated' })
      const shown = visibleJob(job.id, request)
      if (created) reply.header('location', `/v1/jobs/${job.id}`)
      const seen = await waited(shown, request.query, { request, reply }, service)
      return await reply.code(created ? 201 : 200).send(publicJob(jobs.shown(seen)))
    }
  )

  server.get(
    PATH,
    {
      schema: {
        operationId: 'getJobByKey',
        tags,
        summary: 'Show the job with a key, or wait for it',
        description: 'The job with the key that has not ended, or the newest that has. JobNotFound if none had it.',
        params,
        querystring: WaitQuery,
        response: { 200: json(PublicJob, 'The job.') }
      }
    },
    async (request, reply) => {
      checkWait(request.query)
      const { id } = jobs.byKey(request.params.key, requester(request))
      return publicJob(jobs.shown(await waited(visibleJob(id, request), request.query, { request, reply }, service)))
    }
  )

  server.delete(
    PATH,
    {
      schema: {
        operationId: 'stopJobByKey',
        tags,
        summary: 'Stop the job with a key',
        description:
          'Stops the job, or cancels it if it is Pending: 202 with the job, with wait=ended once it has ended. If it ' +
          'had ended before, the reply is 200 with it. The job stays in the list.',
        params,
        querystring: WaitQuery,
        response: {
          200: json(PublicJob, 'The job, which had ended before.'),
          202: json(PublicJob, 'The stop is requested.')
        }
      }
    },
    async (request, reply) => {
      checkWait(request.query)
      const { id } = visibleJob(jobs.byKey(request.params.key, requester(request)).id, request)
      const by = defined({ user: requester(request).user })
      const [result] = await jobs.controlMatching({ id }, 'stop', by, withTimeout)
      if (result?.error !== undefined) throw result.error
      const job = visibleJob(id, request)
      const wasEnded = result?.operation === undefined && isEnded(job.status)
      const seen = await waited(job, request.query, { request, reply }, service)
      return await reply.code(wasEnded ? 200 : 202).send(publicJob(jobs.shown(seen)))
    }
  )
}
