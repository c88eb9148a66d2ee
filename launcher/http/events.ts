// Routes that stream the status of jobs as server-sent events.

import { Type } from 'typebox'
import type { Job } from '../model/job.ts'
import { publicJob } from '../jobs/public-job.ts'
import { FilterQuery, filterOf } from './job-query.ts'
import { JobPath } from './jobs.ts'
import { visibleJob } from './requester.ts'
import type { Server, Service } from './service.ts'
import { sendEvents, serverSentEvent } from './streams.ts'

const LastEventId = Type.Object({
  'last-event-id': Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Id of the last event seen: only what came after it is sent.'
    })
  )
})
const response = { 200: Type.String({ description: 'Events named job; id is the revision, data is the job.' }) }
const produces = ['text/event-stream']

export function eventRoutes (server: Server, { jobs, requester, streams }: Service): void {
  server.get(
    '/v1/jobs/events',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Stream changes of all jobs',
        description:
          'First the present state of each job that the filter takes, then each change. The filter is held against ' +
          'the changed job.',
        produces,
        headers: LastEventId,
        querystring: FilterQuery,
        response
      }
    },
    async (request, reply) => {
      const filter = filterOf(request.query, requester(request))
      return sendEvents(reply, told(jobs.follow(filter, request.headers['last-event-id'], streams.open(reply))))
    }
  )

  server.get('/v1/jobs/:id/events', {
    schema: {
      tags: ['jobs'],
      summary: 'Stream changes of one job',
      description: 'First its present state, then each change. The stream ends after the final status.',
      produces,
      headers: LastEventId,
      params: JobPath,
      response
    }
  }, async (request, reply) => {
    const { id } = visibleJob(jobs.get(request.params.id), request.params.id, requester(request))
    return sendEvents(reply, told(jobs.follow({ id }, request.headers['last-event-id'], streams.open(reply))))
  })
}

/** What was made in this turn of the event loop: all streams are told of a change in the same one. */
const made = new Map<Job, Buffer>()

function eventOf (job: Job): Buffer {
  const known = made.get(job)
  if (known !== undefined) return known
  if (made.size === 0) setImmediate(() => made.clear())
  const event = Buffer.from(serverSentEvent('job', job.revision, publicJob(job)))
  made.set(job, event)
  return event
}

async function * told (changes: AsyncIterable<Job[]>): AsyncGenerator<Buffer> {
  for await (const batch of changes) {
    yield batch.length === 1 ? eventOf(batch[0]!) : Buffer.concat(batch.map(eventOf))
  }
}
