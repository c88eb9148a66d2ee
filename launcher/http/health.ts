// Routes for monitoring the launcher: liveness, readiness, metrics.

import { Type } from 'typebox'
import { content, json } from './replies.ts'
import type { Server, Service } from './service.ts'

const Live = Type.Object({ live: Type.Literal(true) }, { title: 'Liveness' })

const Ready = Type.Object({
  ready: Type.Boolean({
    description: 'Whether jobs are adopted, all clusters are ready and the disk of the scratch path has room.'
  }),
  adopted: Type.Boolean({ description: 'Whether the jobs of an earlier launcher on every cluster are known.' }),
  clusters: Type.Array(Type.Object({
    name: Type.String(),
    ready: Type.Boolean(),
    adopted: Type.Boolean({
      description: 'Whether the jobs of an earlier launcher on the cluster are known. Until then an unknown id is ' +
        'AdoptionIncomplete instead of JobNotFound.'
    }),
    message: Type.Optional(Type.String())
  })),
  disk: Type.Object({
    full: Type.Boolean({ description: 'Whether jobs are refused because the disk of the scratch path has no room.' }),
    freeBytes: Type.Number({ description: 'Bytes that users can still write to it.' }),
    message: Type.Optional(Type.String({ description: 'Which disk is full.' }))
  })
}, { title: 'Readiness' })

/** The one call that needs no key. It says nothing that the open port does not. */
export const LIVE_PATH = '/health/live'

export function healthRoutes (server: Server, { clusters, disk, jobs, metrics }: Service): void {
  server.get(
    LIVE_PATH,
    {
      schema: {
        operationId: 'getLiveness',
        tags: ['health'],
        summary: 'The launcher answers',
        description: 'Asks neither a cluster nor the disk. Needs no key, so that the probe of a platform can call it.',
        response: { 200: json(Live, 'The launcher answers.') }
      }
    },
    async () => ({ live: true as const })
  )

  server.get(
    '/health/ready',
    {
      schema: {
        operationId: 'getReadiness',
        tags: ['health'],
        summary: 'The launcher and its clusters are ready',
        description: 'Says what is not ready, if something is not.',
        response: { 200: json(Ready, 'All is ready.'), 503: json(Ready, 'Something is not ready.') }
      }
    },
    async (_request, reply) => {
      const states = await Promise.all(
        Array.from(clusters.values(), async ({ name, plugin }) => ({ name, ...(await plugin.health()) }))
      )
      const { full, freeBytes } = disk.state()
      const message = disk.problem()?.message
      const notAdopted = jobs.notAdopted()
      const adopted = notAdopted.length === 0
      const ready = adopted && !full && states.every(state => state.ready)
      return await reply.code(ready ? 200 : 503).send({
        ready,
        adopted,
        clusters: states.map(({ name, ...state }) => ({ name, adopted: !notAdopted.includes(name), ...state })),
        disk: { full, freeBytes, ...(message !== undefined && { message }) }
      })
    }
  )

  server.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        tags: ['health'],
        summary: 'Metrics in the Prometheus text format',
        description: 'docs/reference/metrics.md lists the metrics.',
        response: {
          200: content({
            'text/plain': {
              schema: Type.String(),
              example: 'job_launcher_submissions_total{cluster="batch",outcome="accepted"} 12\n'
            }
          }, 'The metrics.')
        }
      }
    },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text())
  )
}
