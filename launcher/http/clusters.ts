// Routes that say which clusters there are and what they can do for the asking user.

import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import type { Cluster } from '../jobs/cluster.ts'
import { OPERATIONS } from '../model/status.ts'
import type { Subject } from '../plugin.ts'
import { Problem } from './problem.ts'
import type { Server, Service } from './service.ts'

const Ruled = (description: string) =>
  Type.Object({ value: Type.Number(), file: Type.String(), line: Type.Integer() }, { description })

const ClusterInfo = Type.Object(
  {
    name: Type.String({ description: 'Name of the cluster.' }),
    type: Type.String({ description: 'Type of the cluster: the plugin behind it.' }),
    ready: Type.Boolean({ description: 'Whether the cluster can be reached now.' }),
    message: Type.Optional(Type.String({ description: 'Why it cannot, and what to do.' })),
    operations: Type.Array(Type.Enum([...OPERATIONS]), { description: 'Operations it can carry out.' }),
    unsupportedFields: Type.Array(Type.String(), { description: 'Fields of a submission that it refuses.' }),
    output: Type.Enum(['separate', 'mixed'], { description: 'Whether stdout and stderr are kept apart.' }),
    limits: Type.Array(
      Type.Object({
        type: Type.String(),
        enforced: Type.Boolean(),
        note: Type.Optional(Type.String()),
        default: Type.Optional(Ruled('What a job gets that does not ask, and the line that says so.')),
        max: Type.Optional(Ruled('The most that a job may ask for, and the line that says so.'))
      }),
      { description: 'Types of resourceLimits that it takes, with what they are for the user.' }
    ),
    ownLimits: Type.Boolean({ description: 'Whether a job of the user may name limits of its own.' }),
    resourceProfiles: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ description: 'What a job calls it by, as resourceProfile.' }),
          title: Type.String({ description: 'What people see.' }),
          limits: Type.Array(Type.Object({ type: Type.String(), value: Type.Number() })),
          placementConstraints: Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) }))
        }),
        {
          description:
            'Resource profiles that the user may choose from, in the order of the file; the first is the default ' +
            'where ownLimits is false.'
        }
      )
    ),
    images: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String(),
          title: Type.Optional(Type.String()),
          versions: Type.Record(Type.String(), Type.Array(Type.String()), {
            description: 'Versions of each language in it, where they are known.'
          })
        }),
        { description: 'Images that a job of the user may have.' }
      )
    ),
    otherImages: Type.Optional(Type.Boolean({ description: 'Whether it may name an image that is not among them.' })),
    serviceAccounts: Type.Optional(
      Type.Array(Type.String(), { description: 'Service accounts that a job of the user may name.' })
    ),
    policy: Type.Object(
      {
        since: Type.String({ format: 'date-time', description: 'When it came into force.' }),
        lastTried: Type.String({ format: 'date-time', description: 'When its files were last looked at.' }),
        problem: Type.Optional(Type.String({ description: 'Why what is in the files now is not in force.' }))
      },
      { description: 'The policy that all of this comes from.' }
    ),
    waitingJobs: Type.Integer({ description: 'Jobs that wait to be started.' }),
    maxWaitingJobs: Type.Integer({ description: 'Bound on them; beyond it a submission gets TooManyWaiting.' })
  },
  { title: 'Cluster' }
)

export function clusterRoutes (server: Server, { clusters, requester, whoOf }: Service): void {
  server.get(
    '/v1/clusters',
    {
      schema: {
        tags: ['clusters'],
        summary: 'List the clusters, as they are for the user',
        response: { 200: Type.Object({ clusters: Type.Array(ClusterInfo) }), default: Problem }
      }
    },
    async request => {
      const subject = await whoOf(requester(request))
      return { clusters: await Promise.all(Array.from(clusters.values(), cluster => infoOf(cluster, subject))) }
    }
  )

  server.get(
    '/v1/clusters/:name',
    {
      schema: {
        tags: ['clusters'],
        summary: 'Show a cluster, as it is for the user',
        params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
        response: { 200: ClusterInfo, default: Problem }
      }
    },
    async request => {
      const cluster = clusters.get(request.params.name)
      if (cluster === undefined) {
        throw new LauncherError(
          'ClusterNotFound',
          `There is no cluster ${request.params.name}; there is ${[...clusters.keys()].join(', ')}.`
        )
      }
      return await infoOf(cluster, await whoOf(requester(request)))
    }
  )
}

async function infoOf ({ name, type, plugin, starts, config }: Cluster, subject: Subject) {
  const { limits: offered, policy, ...entitlements } = await plugin.entitlements(subject)
  const { ready, message } = await plugin.health()
  const { operations, unsupportedFields, output, limits } = plugin.capabilities
  return {
    name,
    type,
    ready,
    ...(message === undefined ? {} : { message }),
    operations: [...operations],
    unsupportedFields: [...unsupportedFields],
    output,
    limits: limits.map(limit => ({ ...limit, ...offered.find(({ type }) => type === limit.type) })),
    // The schema's types are those of values that may be changed.
    ...(entitlements as Pick<Static<typeof ClusterInfo>, keyof typeof entitlements>),
    policy: {
      ...policy,
      since: new Date(policy.since).toISOString(),
      lastTried: new Date(policy.lastTried).toISOString()
    },
    waitingJobs: starts.size,
    maxWaitingJobs: config.maxWaitingJobs
  }
}
