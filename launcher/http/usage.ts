// Routes for what all running jobs use: one answer, or a stream of them.

import { Type } from 'typebox'
import { USAGE_INTERVAL_MS, type Reading } from '../jobs/usage.ts'
import { OneOf } from '../lib/one-of.ts'
import { FilterQuery, filterOf } from './job-query.ts'
import { content, events } from './replies.ts'
import type { Server, Service } from './service.ts'
import { sendEvents, wantsEvents } from './streams.ts'
import { createUsageText } from './usage-text.ts'

const UsageOfJob = Type.Object(
  {
    id: Type.String({ description: 'Id of the job.' }),
    name: Type.String({ description: 'Name of the job.' }),
    user: Type.String({ description: 'User that owns the job.' }),
    cluster: Type.String({ description: 'Cluster that it runs on.' }),
    status: OneOf(['Running', 'Suspended'], { description: 'A suspended job keeps its memory.' }),
    host: Type.Optional(Type.String({ description: 'Host or node that it runs on.' })),
    instance: Type.String({ description: 'Id of the launcher instance that started it.' }),
    cpus: Type.Optional(
      Type.Number({
        description: 'CPUs in use now: 1 is one CPU fully used. It may be missing in the first measurement of a job.'
      })
    ),
    memoryBytes: Type.Optional(
      Type.Number({ description: 'Memory in use now, in bytes: residentBytes of GET /v1/jobs/{id}/resources.' })
    ),
    peakMemoryBytes: Type.Optional(
      Type.Number({ description: 'The most memory that it is known to have used until now, in bytes.' })
    ),
    cpuSeconds: Type.Optional(Type.Number({ description: 'Seconds of CPU that it has used until now.' })),
    measuredTime: Type.Optional(Type.String({ format: 'date-time', description: 'When it was measured.' })),
    code: Type.Optional(
      Type.String({
        description:
          'Why it could not be measured, such as ResourcesNotAvailable (docs/reference/errors.md). A peak and a ' +
          'total from before remain.'
      })
    ),
    detail: Type.Optional(Type.String({ description: 'The code in a sentence.' }))
  },
  { title: 'UsageOfJob' }
)

const Usage = Type.Object(
  {
    jobs: Type.Array(UsageOfJob, { description: 'The running jobs that match, oldest first.' }),
    totals: Type.Object(
      {
        jobs: Type.Integer({ description: 'Number of these jobs.' }),
        measuredJobs: Type.Integer({ description: 'Number of those that were measured.' }),
        cpus: Type.Number({ description: 'Sum of cpus.' }),
        memoryBytes: Type.Number({ description: 'Sum of memoryBytes.' })
      },
      { title: 'UsageTotals' }
    ),
    complete: Type.Boolean({
      description:
        'false while jobs of an earlier launcher may be missing, on a cluster of the filter that is not adopted yet.'
    })
  },
  { title: 'Usage' }
)

const EVENT_BEGIN = Buffer.from('event: usage\ndata: ')
const EVENT_END = Buffer.from('\n\n')

export function usageRoute (server: Server, { jobs, instance, requester, streams }: Service): void {
  const textOf = createUsageText(instance)

  server.get(
    '/v1/usage',
    {
      schema: {
        operationId: 'getUsage',
        tags: ['jobs'],
        summary: 'Show what all running jobs use',
        description:
          'Has an entry for each running or suspended job that matches the filter, in one reply without pages. The ' +
          `launcher measures at most every ${USAGE_INTERVAL_MS / 1000} seconds, for all readers together, so figures ` +
          'and list can be so old. With Accept: text/event-stream, the replies are events named usage, of which each ' +
          'has every job; a client that reads slowly gets fewer. A job that cannot be measured has code and detail ' +
          'instead of its present figures.',
        querystring: FilterQuery,
        response: {
          200: content(
            { 'application/json': { schema: Usage }, 'text/event-stream': events({ usage: Usage }) },
            'What the jobs use now; or, as events, from now on without an end.'
          )
        }
      }
    },
    async (request, reply) => {
      const filter = filterOf(request.query, requester(request), jobs)
      const text = async (reading: Reading): Promise<Buffer> =>
        await textOf(reading, filter, jobs.notAdopted(filter.clusters).length === 0)
      if (!wantsEvents(request.headers.accept)) {
        return await reply.type('application/json; charset=utf-8').send(await text(await jobs.usage.read()))
      }
      const signal = streams.open(reply)
      return sendEvents(
        reply,
        (async function * () {
          for await (const reading of jobs.usage.follow(signal)) {
            yield Buffer.concat([EVENT_BEGIN, await text(reading), EVENT_END])
          }
        })(),
        signal
      )
    }
  )
}
