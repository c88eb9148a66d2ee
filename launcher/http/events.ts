// Routes that stream job status as server-sent events.

import { Type } from 'typebox'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import { EVENT_ID } from '../jobs/event-id.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { OneOf } from '../lib/one-of.ts'
import { publicJob, PublicJob } from '../jobs/public-job.ts'
import type { Batch } from '../jobs/status-feed.ts'
import { isRemoved, type Removed as RemovedJob } from '../jobs/store/removals.ts'
import { headerFields } from './header-fields.ts'
import { FilterQuery, filterOf } from './job-query.ts'
import { JobPath } from './jobs.ts'
import { content, empty, events } from './replies.ts'
import type { Server, Service } from './service.ts'
import { sendEvents, serverSentEvent } from './streams.ts'

const LastEventId = headerFields({
  'Last-Event-ID': Type.Optional(
    Type.String({
      pattern: EVENT_ID,
      'x-expected': 'the id of an event, or lastEventId of a list',
      description:
        'Id of the last event received, or lastEventId of a list. Only later events are sent, or the event reset and ' +
        'then the present state if the launcher does not have every later event.'
    })
  )
})
const Removed = Type.Object({
  id: Type.String({ description: 'Id of a job. It may be one that was not sent.' }),
  why: OneOf(['deleted', 'expired', 'unmatched'], { description: 'unmatched: it does not match the filter any more.' })
}, { title: 'RemovedJob', description: 'A job that the stream does not show any more.' })

const Reset = Type.Object({}, {
  additionalProperties: false,
  title: 'Reset',
  description: 'Nothing that was sent before counts, and the present state follows.'
})

const Adoption = Type.Object({
  complete: Type.Boolean({ description: 'Whether the jobs of an earlier launcher on every cluster are known.' }),
  clusters: Type.Array(Type.String(), { description: 'The clusters that are not adopted yet.' })
}, { title: 'Adoption' })

const ofOne = events({ job: PublicJob, removed: Removed, reset: Reset })
const ofAll = events({ job: PublicJob, removed: Removed, reset: Reset, adoption: Adoption })

export function eventRoutes (server: Server, { jobs, requester, streams, visibleJob }: Service): void {
  server.get(
    '/v1/jobs/events',
    {
      schema: {
        operationId: 'followJobs',
        tags: ['jobs'],
        summary: 'Stream changes of all jobs',
        description:
          'Sends the present state of each job that matches the filter, then each change. A job that does not match ' +
          'any more, or that was deleted or has expired, is an event named removed with why: unmatched, deleted or ' +
          'expired. It can name a job that was not sent. After an event named reset, nothing that was sent before ' +
          'counts, and the present state follows. If jobs of an earlier launcher may be missing, the first event is ' +
          'adoption with complete false and the clusters that are not adopted yet. Another one, with complete true, ' +
          'follows their jobs.',
        headers: LastEventId,
        querystring: FilterQuery,
        response: { 200: content({ 'text/event-stream': ofAll }, 'The changes, without an end.') }
      }
    },
    async (request, reply) => {
      const filter = filterOf(request.query, requester(request), jobs)
      const notAdopted = jobs.notAdopted(filter.clusters)
      const signal = streams.open(reply)
      const changes = jobs.follow(filter, request.headers['last-event-id'], signal)
      return sendEvents(reply, encoded(jobs, changes, notAdopted), signal)
    }
  )

  server.get('/v1/jobs/:id/events', {
    schema: {
      operationId: 'followJob',
      tags: ['jobs'],
      summary: 'Stream changes of one job',
      description:
        'Sends its present state, then each change. The stream ends after the final status, or after an event named ' +
        'removed. After an event named reset, nothing that was sent before counts, and the present state follows.',
      headers: LastEventId,
      params: JobPath,
      response: {
        200: content({ 'text/event-stream': ofOne }, 'The changes, until the job has ended.'),
        204: empty('The job has ended and Last-Event-ID is its last event. An EventSource stops.')
      }
    }
  }, async (request, reply) => {
    const { id, status, revision } = visibleJob(request.params.id, request)
    const after = request.headers['last-event-id']
    if (isEnded(status) && after === jobs.eventId(revision)) return await reply.code(204).send(null)
    const signal = streams.open(reply)
    return sendEvents(reply, encoded(jobs, jobs.follow({ id }, after, signal)), signal)
  })
}

/** Events encoded in this event-loop iteration. All streams publish a change in the same iteration. */
const encodedEvents = new Map<Job, Buffer>()

function eventOf (event: Job | RemovedJob, { eventId, shown }: Pick<Jobs, 'eventId' | 'shown'>): Buffer {
  if (isRemoved(event)) {
    const { removed: why, job: { id }, revision } = event
    return Buffer.from(serverSentEvent('removed', eventId(revision), { id, why }))
  }
  const cached = encodedEvents.get(event)
  if (cached !== undefined) return cached
  if (encodedEvents.size === 0) setImmediate(() => encodedEvents.clear())
  const encoded = Buffer.from(serverSentEvent('job', eventId(event.revision), publicJob(shown(event))))
  encodedEvents.set(event, encoded)
  return encoded
}

async function * encoded (
  jobs: Pick<Jobs, 'eventId' | 'shown'>,
  changes: AsyncIterable<Batch>,
  notAdopted: readonly string[] = []
): AsyncGenerator<Buffer | string> {
  if (notAdopted.length > 0) yield adoptionEvent(notAdopted)
  for await (const batch of changes) {
    if (batch === 'adopted') yield adoptionEvent([])
    else if (batch === 'reset') yield serverSentEvent('reset', undefined, {})
    else if (batch.length === 1) yield eventOf(batch[0]!, jobs)
    else yield Buffer.concat(batch.map(event => eventOf(event, jobs)))
  }
}

function adoptionEvent (notAdopted: readonly string[]): string {
  return serverSentEvent('adoption', undefined, { complete: notAdopted.length === 0, clusters: notAdopted })
}
