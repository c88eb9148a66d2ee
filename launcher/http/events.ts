// Routes that stream job status as server-sent events.

import { Type } from 'typebox'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { publicJob } from '../jobs/public-job.ts'
import { FilterQuery, filterOf } from './job-query.ts'
import { JobPath } from './jobs.ts'
import type { Server, Service } from './service.ts'
import { sendEvents, serverSentEvent } from './streams.ts'

const LastEventId = Type.Object({
  'last-event-id': Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Id of the last event received. Only later events are sent.'
    })
  )
})
const response = {
  200: Type.String({ description: 'Events named job; id is the revision, data is the job.' }),
  204: Type.Null({ description: 'The job has ended and Last-Event-ID is its last event. An EventSource stops.' })
}
const allResponse = {
  200: Type.String({
    description:
      'Events named job; id is the revision, data is the job. Events named adoption; data is {complete, clusters}.'
  })
}
const produces = ['text/event-stream']

export function eventRoutes (server: Server, { jobs, requester, streams, visibleJob }: Service): void {
  server.get(
    '/v1/jobs/events',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Stream changes of all jobs',
        description:
          'Sends the present state of each job that matches the filter, then each change. The filter is applied to ' +
          'the changed job. If jobs of an earlier launcher may be missing, the first event is adoption with complete ' +
          'false and the clusters that are not adopted yet. Another one, with complete true, follows their jobs.',
        produces,
        headers: LastEventId,
        querystring: FilterQuery,
        response: allResponse
      }
    },
    async (request, reply) => {
      const filter = filterOf(request.query, requester(request))
      const notAdopted = jobs.notAdopted(filter.clusters)
      const signal = streams.open(reply)
      const changes = jobs.follow(filter, request.headers['last-event-id'], signal)
      return sendEvents(reply, encoded(changes, notAdopted), signal)
    }
  )

  server.get('/v1/jobs/:id/events', {
    schema: {
      tags: ['jobs'],
      summary: 'Stream changes of one job',
      description: 'Sends its present state, then each change. The stream ends after the final status.',
      produces,
      headers: LastEventId,
      params: JobPath,
      response
    }
  }, async (request, reply) => {
    const { id, status, revision } = visibleJob(request.params.id, request)
    const after = request.headers['last-event-id']
    if (isEnded(status) && after === revision) return await reply.code(204).send(null)
    const signal = streams.open(reply)
    return sendEvents(reply, encoded(jobs.follow({ id }, after, signal)), signal)
  })
}

/** Events encoded in this event-loop iteration. All streams publish a change in the same iteration. */
const encodedEvents = new Map<Job, Buffer>()

function eventOf (job: Job): Buffer {
  const cached = encodedEvents.get(job)
  if (cached !== undefined) return cached
  if (encodedEvents.size === 0) setImmediate(() => encodedEvents.clear())
  const event = Buffer.from(serverSentEvent('job', job.revision, publicJob(job)))
  encodedEvents.set(job, event)
  return event
}

async function * encoded (
  changes: AsyncIterable<Job[]>,
  notAdopted: readonly string[] = []
): AsyncGenerator<Buffer | string> {
  if (notAdopted.length > 0) yield adoptionEvent(notAdopted)
  for await (const batch of changes) {
    if (batch.length === 0) yield adoptionEvent([])
    else yield batch.length === 1 ? eventOf(batch[0]!) : Buffer.concat(batch.map(eventOf))
  }
}

function adoptionEvent (notAdopted: readonly string[]): string {
  return serverSentEvent('adoption', undefined, { complete: notAdopted.length === 0, clusters: notAdopted })
}
