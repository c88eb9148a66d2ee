// Routes that submit, list, show and delete jobs.

import { Type } from 'typebox'
import { adoptionIncomplete } from '../jobs/adopt.ts'
import { JobId } from '../model/job.ts'
import { JobBody } from '../model/job-body.ts'
import {
  JobPreview, PartialJob, PublicJob, jobPreview, pickFields, publicJob, showsSubmission
} from '../jobs/public-job.ts'
import { encodeCursor, decodeCursor } from './cursor.ts'
import { ListQuery, fieldsOf, listFilterOf } from './job-query.ts'
import { isAbandoned } from './abandoned.ts'
import { submissionSize } from '../jobs/store/job-row.ts'
import { turnForLarge } from '../lib/turn-for-large.ts'
import { headerFields } from './header-fields.ts'
import { either, empty, json } from './replies.ts'
import type { Server, Service } from './service.ts'
import { WaitQuery, checkWait, waited } from './wait.ts'

const NewArray = Type.Object({
  array: Type.Object({
    id: Type.String({ description: 'Id of the array, which is that of its first job.' }),
    count: Type.Integer({ description: 'Number of jobs of the array.' })
  }),
  ids: Type.Array(JobId, {
    description: 'Ids of the jobs, by index. After a repeat of the submission, jobs that were removed are missing.'
  })
}, { title: 'NewArray' })

const JobList = Type.Object({
  jobs: Type.Array(PartialJob),
  complete: Type.Boolean({
    description:
      'false while jobs of an earlier launcher may be missing, on a cluster of the filter that is not adopted yet.'
  }),
  lastEventId: Type.String({
    description:
      'A stream of events with this Last-Event-ID has every change of the jobs since this reply. If the list has ' +
      'several pages, use that of the first.'
  }),
  nextCursor: Type.Optional(Type.String({ description: 'Cursor of the next page; missing on the last page.' }))
}, { title: 'JobList' })

export const JobPath = Type.Object({ id: JobId })

const tags = ['jobs']

export function jobRoutes (server: Server, service: Service): void {
  submitRoute(server, service)
  listRoute(server, service)
  showRoute(server, service)
  removeRoute(server, service)
}

function submitRoute (server: Server, { jobs, metrics, requester, withTimeout }: Service): void {
  server.post(
    '/v1/jobs',
    {
      schema: {
        operationId: 'submitJob',
        tags,
        summary: 'Submit a job',
        description:
          'The job is on disk before the reply is sent. If the Idempotency-Key was used before, the reply is ' +
          '200 with the first job. A key belongs to the user of X-Launcher-User, and without the header to the ' +
          'host: two users may have the same key. A dry run ignores it. A key is kept while its job is listed ' +
          '(JobHistory), and for 24 hours after the job was removed. In these hours the reply to a ' +
          'repeat is JobRemoved, with the id and the outcome of the job. The keys of the last 1,000,000 removed ' +
          'jobs are kept at most. If a lost database may have had the key, the reply is AdoptionIncomplete ' +
          'until the cluster is adopted. A job whose client has closed the connection is not accepted. With count, ' +
          'the reply has the ids of all jobs of the array. The filter array selects them in lists, summaries, event ' +
          'streams and POST /v1/jobs/control. The whole array has one key, which is kept as for a job until the last ' +
          'of its jobs was removed. A dry run shows one job of it.',
        headers: headerFields({
          'Idempotency-Key': Type.Optional(
            Type.String({ minLength: 1, maxLength: 256, description: 'Makes the submission safe to repeat.' })
          )
        }),
        querystring: Type.Object({
          dryRun: Type.Optional(
            Type.Boolean({
              default: false,
              description:
                'Validate the job, fill in defaults and return it, without id and revision and without accepting ' +
                'it. reason and message are those of what it would wait for now; message also says if the cluster ' +
                'could not be asked.'
            })
          )
        }),
        body: JobBody,
        response: {
          200: json(
            either(PublicJob, NewArray, JobPreview),
            'A job with this Idempotency-Key was accepted before; or, of a dry run, what the job would be.'
          ),
          201: json(either(PublicJob, NewArray), 'The job is accepted.', {
            Location: Type.String({ description: 'Path of the job, or of the list of the array.' })
          })
        }
      }
    },
    async (request, reply) => {
      const idempotencyKey = request.headers['idempotency-key']
      const { dryRun = false } = request.query
      const { job, ids, created } = await withTimeout(
        jobs.submit(request.body, requester(request), {
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
          dryRun,
          isAbandoned: () => isAbandoned(request, reply)
        })
      )
      if (!dryRun) metrics.submissions.inc({ cluster: job.cluster, outcome: created ? 'accepted' : 'repeated' })
      const { array } = job
      if (created) reply.header('location', array === undefined ? `/v1/jobs/${job.id}` : `/v1/jobs?array=${array.id}`)
      if (array !== undefined) {
        const { id, count } = array
        return await reply.code(created ? 201 : 200).send({ array: { id, count }, ids: [...ids] })
      }
      await turnForLarge(submissionSize(job))
      if (dryRun) return await reply.code(200).send(jobPreview(job))
      return await reply.code(created ? 201 : 200).send(publicJob(jobs.shown(job)))
    }
  )
}

function listRoute (server: Server, { jobs, requester, cursorKeys }: Service): void {
  server.get(
    '/v1/jobs',
    {
      schema: {
        operationId: 'listJobs',
        tags,
        summary: 'List jobs, newest first',
        description:
          'Replies with a page of the jobs that match every part of the filter, and with nextCursor if there are more.',
        querystring: ListQuery,
        response: {
          200: json(JobList, 'A page of jobs.')
        }
      }
    },
    async request => {
      const filter = listFilterOf(request.query, requester(request), jobs)
      const fields = fieldsOf(request.query)
      const { limit = 100, cursor } = request.query
      const before = cursor === undefined ? undefined : decodeCursor(cursor, filter, cursorKeys())
      const notAdopted = jobs.notAdopted(filter.clusters)
      const page = jobs.list(filter, limit, before, { withSubmission: showsSubmission(fields) })
      if (filter.idempotency !== undefined && page.length === 0) {
        jobs.requireUnused(filter.idempotency)
        if (notAdopted.length > 0) throw adoptionIncomplete('The Idempotency-Key', notAdopted)
      }
      const last = page.at(-1)?.id
      const isLast = last === undefined || jobs.list(filter, 1, last, { withSubmission: false }).length === 0
      return {
        jobs: page.map(job => pickFields(publicJob(jobs.shown(job)), fields)),
        complete: notAdopted.length === 0,
        lastEventId: jobs.eventId(),
        ...(isLast ? {} : { nextCursor: encodeCursor(last, filter, cursorKeys()[0]!) })
      }
    }
  )
}

function showRoute (server: Server, service: Service): void {
  server.get(
    '/v1/jobs/:id',
    {
      schema: {
        operationId: 'getJob',
        tags,
        summary: 'Show a job, or wait for it',
        description: 'With wait, the reply is sent once the job runs or has ended.',
        params: JobPath,
        querystring: WaitQuery,
        response: { 200: json(PublicJob, 'The job.') }
      }
    },
    async (request, reply) => {
      checkWait(request.query)
      const job = service.visibleJob(request.params.id, request)
      return publicJob(service.jobs.shown(await waited(job, request.query, { request, reply }, service)))
    }
  )
}

function removeRoute (server: Server, { jobs, visibleJob, withTimeout }: Service): void {
  server.delete(
    '/v1/jobs/:id',
    {
      schema: {
        operationId: 'deleteJob',
        tags,
        summary: 'Delete an ended job and its output',
        description: 'A job that has not ended is refused with JobNotEnded.',
        params: JobPath,
        response: { 204: empty('Deleted.') }
      }
    },
    async (request, reply) => {
      const { id } = visibleJob(request.params.id, request)
      await withTimeout(jobs.remove(id))
      return await reply.code(204).send(null)
    }
  )
}
