// Routes that say which clusters there are and what they can do for the asking user.

import { Type } from 'typebox'
import { LauncherError } from '../errors.ts'
import type { Cluster } from '../jobs/cluster.ts'
import { OPERATIONS } from '../jobs/status-table.ts'
import { Problem } from './problem.ts'
import type { Server, Service } from './service.ts'

const ClusterInfo = Type.Object({
  name: Type.String({ description: 'Name of the cluster.' }),
  type: Type.String({ description: 'Type of the cluster: the plugin behind it.' }),
  ready: Type.Boolean({ description: 'Whether the cluster can be reached now.' }),
  message: Type.Optional(Type.String({ description: 'Why it cannot, and what to do.' })),
  operations: Type.Array(Type.Enum([...OPERATIONS]), { description: 'Operations it can carry out.' }),
  unsupportedFields: Type.Array(Type.String(), { description: 'Fields of a submission that it refuses.' }),
  output: Type.Enum(['separate', 'mixed'], { description: 'Whether stdout and stderr are kept apart.' }),
  limits: Type.Array(Type.Object({
    type: Type.String(),
    enforced: Type.Boolean(),
    note: Type.Optional(Type.String())
  }), { description: 'Types of resourceLimits that it takes.' }),
  waitingJobs: Type.Integer({ description: 'Jobs that wait to be started.' }),
  maxWaitingJobs: Type.Integer({ description: 'Bound on them; beyond it a submission gets TooManyWaiting.' })
}, { title: 'Cluster' })

export function clusterRoutes (server: Server, { clusters }: Service): void {
  server.get('/v1/clusters', {
    schema: { tags: ['clusters'], summary: 'List the clusters', response: { 200: Type.Object({ clusters: Type.Array(ClusterInfo) }), default: Problem } }
  }, async () => ({ clusters: await Promise.all(Array.from(clusters.values(), infoOf)) }))

  server.get('/v1/clusters/:name', {
    schema: {
      tags: ['clusters'],
      summary: 'Show a cluster',
      params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
      response: { 200: ClusterInfo, default: Problem }
    }
  }, async request => {
    const cluster = clusters.get(request.params.name)
    if (cluster === undefined) throw new LauncherError('ClusterNotFound', `There is no cluster ${request.params.name}; there is ${[...clusters.keys()].join(', ')}.`)
    return await infoOf(cluster)
  })
}

async function infoOf ({ name, type, plugin, starts, config }: Cluster) {
  const { ready, message } = await plugin.health()
  const { operations, unsupportedFields, output, limits } = plugin.abilities
  return {
    name,
    type,
    ready,
    ...(message === undefined ? {} : { message }),
    operations: [...operations],
    unsupportedFields: [...unsupportedFields],
    output,
    limits: [...limits],
    waitingJobs: starts.size,
    maxWaitingJobs: config.maxWaitingJobs
  }
}
