// Routes for monitoring the launcher: liveness, readiness, metrics.

import { Type } from 'typebox'
import type { Server, Service } from './service.ts'

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

export function healthRoutes (server: Server, { clusters, disk, jobs, metrics }: Service): void {
  server.get(
    '/health/live',
    {
      schema: {
        tags: ['health'],
        summary: 'The launcher answers',
        response: { 200: Type.Object({ live: Type.Literal(true) }) }
      }
    },
    async () => ({ live: true as const })
  )

  server.get(
    '/health/ready',
    {
      schema: {
        tags: ['health'],
        summary: 'The launcher and its clusters are ready',
        response: { 200: Ready, 503: Ready }
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
        tags: ['health'],
        summary: 'Metrics in the Prometheus text format',
        produces: ['text/plain'],
        response: { 200: Type.String() }
      }
    },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text())
  )
}
