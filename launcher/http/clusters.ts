// Routes that list the clusters and what the requesting user may do with each.

import { Type, type Static } from 'typebox'
import type { Cluster } from '../jobs/cluster.ts'
import { configuredCluster } from '../jobs/known-clusters.ts'
import { defined } from '../lib/defined.ts'
import { OneOf } from '../lib/one-of.ts'
import { OUTPUT_PLACES } from '../model/capabilities.ts'
import { OperationWord } from '../model/job-words.ts'
import type { StartRules, Subject } from '../plugin.ts'
import { json } from './replies.ts'
import type { Server, Service } from './service.ts'

const SourcedValue = (description: string) =>
  Type.Object(
    { value: Type.Number(), file: Type.Optional(Type.String()), line: Type.Optional(Type.Integer()) },
    { description: `${description} The default of a conf key has no file and line.` }
  )

const Ranges = (description: string) =>
  Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() }), {
    description: `${description} Both ends of a range are included.`
  })

const ClusterInfo = Type.Object(
  {
    name: Type.String({ description: 'Name of the cluster.' }),
    type: Type.String({ description: 'Type of the cluster, which names its plugin.' }),
    ready: Type.Boolean({ description: 'Whether the cluster is reachable now.' }),
    message: Type.Optional(Type.String({ description: 'Why it is not reachable, and what to do.' })),
    operations: Type.Array(OperationWord, { description: 'Operations that it supports.' }),
    unsupportedFields: Type.Array(Type.String(), { description: 'Submission fields that it rejects.' }),
    output: OneOf(['separate', 'mixed'], { description: 'Whether stdout and stderr are stored separately.' }),
    outputPlace: Type.Optional(
      OneOf(OUTPUT_PLACES, {
        description: 'Where new jobs that do not choose a place keep their output: machine is files of the ' +
          "launcher's machine, node is the logs of the cluster's nodes, data is files in the host's data."
      })
    ),
    outputPlaceMessage: Type.Optional(
      Type.String({ description: 'Why this is not the place that the configuration prefers.' })
    ),
    limits: Type.Array(
      Type.Object({
        type: Type.String(),
        enforced: Type.Boolean(),
        note: Type.Optional(Type.String()),
        default: Type.Optional(SourcedValue('Value for a job that requests none, and the line that sets it.')),
        max: Type.Optional(SourcedValue('Maximum that a job may request, and the line that sets it.'))
      }),
      { description: 'Supported types of resourceLimits, with their values for the user.' }
    ),
    ownLimits: Type.Boolean({ description: "Whether the user's jobs may set their own limits." }),
    resourceProfiles: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ description: 'Name to use as resourceProfile in a submission.' }),
          title: Type.String({ description: 'Name to show to users.' }),
          limits: Type.Array(Type.Object({ type: Type.String(), value: Type.Number() })),
          placementConstraints: Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) }))
        }),
        {
          description:
            'Resource profiles that the user may choose from, in file order. The first is the default if ownLimits ' +
            'is false.'
        }
      )
    ),
    images: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String(),
          title: Type.Optional(Type.String()),
          versions: Type.Record(Type.String(), Type.Array(Type.String()), {
            description: 'Versions of each language in the image, if known.'
          })
        }),
        { description: "Images that the user's jobs may use." }
      )
    ),
    otherImages: Type.Optional(Type.Boolean({ description: 'Whether a job may name an image that is not listed.' })),
    serviceAccounts: Type.Optional(
      Type.Array(Type.String(), { description: "Service accounts that the user's jobs may name." })
    ),
    reach: Type.Optional(
      Type.Object(
        {
          mountTypes: Type.Array(Type.String(), {
            description: 'Types of mounts; passthrough:KIND is a passthrough of one kind of volume.'
          }),
          dataMounts: Type.Boolean({ description: 'Whether a job may have dataMounts.' }),
          host: Type.Boolean({ description: 'Whether a job may name its host.' }),
          baseTags: Type.Array(Type.String(), {
            description: 'Tags that choose a base manifest and that a job may have. All other tags are free.'
          }),
          publishedPorts: Ranges('Ports that a job may publish on its node.'),
          userIds: Type.Optional(Ranges('User ids that a job may run as, if the profile bounds them.')),
          groupIds: Type.Optional(Ranges('Group ids that a job may run as, if the profile bounds them.'))
        },
        { description: "What the user's jobs may reach beside their own containers." }
      )
    ),
    policy: Type.Object(
      {
        since: Type.String({ format: 'date-time', description: 'When it took effect.' }),
        lastTried: Type.String({ format: 'date-time', description: 'When its files were last read.' }),
        problem: Type.Optional(
          Type.String({ description: 'Why the present content of its files is not in effect.' })
        )
      },
      { description: 'The policy that determines these values.' }
    ),
    waitingJobs: Type.Integer({ description: 'Number of jobs waiting to start.' }),
    maxWaitingJobs: Type.Integer({
      description: 'Limit for waitingJobs; above it a submission fails with TooManyWaiting.'
    }),
    maxRunningJobs: Type.Optional(SourcedValue('How many jobs of all users may run at once; missing if unbounded.')),
    maxRunningJobsOfUser: Type.Optional(
      SourcedValue('How many jobs of the user may run at once; missing if unbounded.')
    ),
    maxPriority: Type.Optional(
      SourcedValue("Up to which number priority of the user's jobs counts against jobs of other users; missing for 0.")
    )
  },
  { title: 'Cluster' }
)

const ClusterList = Type.Object({ clusters: Type.Array(ClusterInfo) }, { title: 'ClusterList' })

export function clusterRoutes (server: Server, { clusters, requester, subjectOf }: Service): void {
  server.get(
    '/v1/clusters',
    {
      schema: {
        operationId: 'listClusters',
        tags: ['clusters'],
        summary: 'List the clusters, with what the user may use',
        description: 'The first cluster is that of a job which names none.',
        response: { 200: json(ClusterList, 'The clusters.') }
      }
    },
    async request => {
      const subject = await subjectOf(requester(request))
      return { clusters: await Promise.all(Array.from(clusters.values(), cluster => infoOf(cluster, subject))) }
    }
  )

  server.get(
    '/v1/clusters/:name',
    {
      schema: {
        operationId: 'getCluster',
        tags: ['clusters'],
        summary: 'Show a cluster, with what the user may use',
        description: 'Shows what the cluster supports, and the limits, images and profiles of the user.',
        params: Type.Object({ name: Type.String({ maxLength: 64, description: 'Name of the cluster.' }) }),
        response: { 200: json(ClusterInfo, 'The cluster.') }
      }
    },
    async request => {
      const cluster = configuredCluster(request.params.name, clusters, { field: 'name', in: 'path' })
      return await infoOf(cluster, await subjectOf(requester(request)))
    }
  )
}

async function infoOf ({ name, type, plugin, startRules, starts, config }: Cluster, subject: Subject) {
  const { limits: offered, policy, ...entitlements } = await plugin.entitlements(subject)
  const { ready, message } = await plugin.health()
  const { operations, unsupportedFields, output, outputPlace, outputPlaceMessage, limits } = plugin.capabilities
  return {
    name,
    type,
    ready,
    ...(message === undefined ? {} : { message }),
    operations: [...operations],
    unsupportedFields: [...unsupportedFields],
    output,
    ...defined({ outputPlace, outputPlaceMessage }),
    limits: limits.map(limit => ({ ...limit, ...offered.find(({ type }) => type === limit.type) })),
    // The schema's types are mutable; the plugin's are readonly.
    ...(entitlements as Pick<Static<typeof ClusterInfo>, keyof typeof entitlements>),
    policy: {
      ...policy,
      since: new Date(policy.since).toISOString(),
      lastTried: new Date(policy.lastTried).toISOString()
    },
    waitingJobs: starts.size,
    maxWaitingJobs: config.maxWaitingJobs,
    ...shownRules(startRules(subject))
  }
}

function shownRules (
  startRules: StartRules
): Partial<Record<keyof StartRules, Static<ReturnType<typeof SourcedValue>>>> {
  return Object.fromEntries(Object.entries(startRules).map(([name, { key: _, ...value }]) => [name, value]))
}
