// Routes for the addresses of a job's ports and for its resource usage.

import { setTimeout as delay } from 'node:timers/promises'
import { Type } from 'typebox'
import { isLauncherError } from '../errors.ts'
import { isEnded } from '../model/status.ts'
import type { Resources } from '../plugin.ts'
import { JobPath } from './jobs.ts'
import { Problem } from './problem.ts'
import type { Server, Service } from './service.ts'
import { sendEvents, serverSentEvent, wantsEvents } from './streams.ts'

const Network = Type.Object(
  {
    host: Type.String({ description: 'Host the job runs on.' }),
    addresses: Type.Array(Type.String(), {
      description: "Addresses of the job, reachable from the launcher's machine."
    }),
    ports: Type.Array(
      Type.Object({
        targetPort: Type.Integer({ description: 'Port the program listens on.' }),
        publishedPort: Type.Integer({
          description: 'Port to connect to at address. It is targetPort if no port of the node is published.'
        }),
        protocol: Type.Enum(['TCP', 'UDP']),
        address: Type.String({ description: 'Address to connect to.' }),
        listening: Type.Optional(Type.Boolean({
          description: "Whether the job listens on the port. Before it does, another user's process may have the " +
            'port: do not send it a request. Missing if the cluster cannot determine it.'
        }))
      })
    ),
    service: Type.Optional(
      Type.String({ description: 'Service name of the ports inside the cluster, if there is one.' })
    ),
    serviceMissing: Type.Optional(
      Type.Object(
        {
          reason: Type.String({ description: 'A reason, such as QuotaExceeded.' }),
          message: Type.String()
        },
        {
          description: 'Why the job has no service name yet. The addresses of the ports can be used meanwhile; the ' +
            'launcher creates the Service once the cluster accepts it.'
        }
      )
    )
  },
  { title: 'Network' }
)

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
        tags: ['jobs'],
        summary: "Show the addresses of the job's ports",
        params: JobPath,
        response: { 200: Network, default: Problem }
      }
    },
    async request => {
      const job = visibleJob(request.params.id, request)
      const { addresses, ports, ...rest } = await withTimeout(jobs.clusterOf(job).plugin.network(job))
      return { ...rest, addresses: [...addresses], ports: [...ports] }
    }
  )

  server.get(
    '/v1/jobs/:id/resources',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Show the resource usage of the job',
        description:
          'Returns one measurement or, with Accept: text/event-stream, events named resources until the job ends.',
        produces: ['application/json', 'text/event-stream'],
        params: JobPath,
        querystring: Type.Object({
          intervalSeconds: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 3600, default: 5, description: 'Seconds between events.' })
          )
        }),
        response: { 200: Usage, default: Problem }
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
