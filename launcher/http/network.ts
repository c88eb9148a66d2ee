// Routes for the addresses of a job's ports and for its resource usage.

import { setTimeout as delay } from 'node:timers/promises'
import { Type } from 'typebox'
import { isLauncherError } from '../errors.ts'
import { Network } from '../model/network.ts'
import { isEnded } from '../model/status.ts'
import type { Resources } from '../plugin.ts'
import { JobPath } from './jobs.ts'
import { content, events, json } from './replies.ts'
import type { Server, Service } from './service.ts'
import { sendEvents, serverSentEvent, wantsEvents } from './streams.ts'

const Usage = Type.Object(
  {
    time: Type.String({ format: 'date-time', description: 'When it was measured.' }),
    cpuSeconds: Type.Optional(
      Type.Number({
        description: 'CPU seconds used since the start, including children, if the cluster counts them.'
      })
    ),
    cpus: Type.Optional(
      Type.Number({
        description: 'CPUs in use now. Missing in the first measurement if the cluster reports only a total.'
      })
    ),
    residentBytes: Type.Number({ description: 'Resident memory in bytes.' }),
    virtualBytes: Type.Optional(Type.Number({ description: 'Virtual memory in bytes.' })),
    processes: Type.Optional(Type.Integer({ description: 'Number of processes.' }))
  },
  { title: 'Resources' }
)

export function networkRoutes (server: Server, { jobs, streams, visibleJob, withTimeout }: Service): void {
  server.get(
    '/v1/jobs/:id/network',
    {
      schema: {
        operationId: 'getJobNetwork',
        tags: ['jobs'],
        summary: "Show the addresses of the job's ports",
        description: 'A job that is not running is refused with JobNotRunning.',
        params: JobPath,
        response: { 200: json(Network, 'Where the ports can be reached.') }
      }
    },
    async request => {
      const job = visibleJob(request.params.id, request)
      return await withTimeout(jobs.clusterOf(job).plugin.network(job))
    }
  )

  server.get(
    '/v1/jobs/:id/resources',
    {
      schema: {
        operationId: 'getJobResources',
        tags: ['jobs'],
        summary: 'Show the resource usage of the job',
        description:
          'Returns one measurement or, with Accept: text/event-stream, events named resources until the job ends.',
        params: JobPath,
        querystring: Type.Object({
          intervalSeconds: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 3600, default: 5, description: 'Seconds between events.' })
          )
        }),
        response: {
          200: content(
            { 'application/json': { schema: Usage }, 'text/event-stream': events({ resources: Usage }) },
            'What the job uses now; or, as events, from now until it ends.'
          )
        }
      }
    },
    async (request, reply) => {
      const job = visibleJob(request.params.id, request)
      const { plugin } = jobs.clusterOf(job)
      const first = usage(await withTimeout(plugin.resources(job)))
      if (!wantsEvents(request.headers.accept)) return await reply.send(first)
      const signal = streams.open(reply)
      const intervalMs = (request.query.intervalSeconds ?? 5) * 1000

      return sendEvents(
        reply,
        (async function * () {
          yield serverSentEvent('resources', undefined, first)
          while (!signal.aborted) {
            await delay(intervalMs, undefined, { signal }).catch(() => {})
            const present = jobs.get(job.id)
            if (signal.aborted || present === undefined || isEnded(present.status)) return
            try {
              yield serverSentEvent('resources', undefined, usage(await plugin.resources(present)))
            } catch (error) {
              if (isLauncherError(error, 'JobNotRunning')) return
              // The source of the measurements may be unavailable for a while.
              if (!isLauncherError(error)) throw error
            }
          }
        })(),
        signal
      )
    }
  )
}

function usage ({ time, ...rest }: Resources) {
  return { time: new Date(time).toISOString(), ...rest }
}
