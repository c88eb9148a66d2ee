// The route that tells what would become of a job and why.

import { Type, type Static } from 'typebox'
import { JobSubmission } from '../model/job.ts'
import type { Explained } from '../jobs/explain.ts'
import { Problem, problemOf } from './problem.ts'
import type { Server, Service } from './service.ts'

const Place = {
  file: Type.String({ description: 'The file.' }),
  line: Type.Integer({ description: 'Line of the file, from 1.' })
}

const ExplainedLimit = Type.Object({
  type: Type.String({ description: 'Type of the limit, as in resourceLimits.' }),
  asked: Type.Optional(Type.Number({ description: 'What the job asks for, where it asks.' })),
  value: Type.Optional(Type.Number({ description: 'What is in force; not there where nothing is.' })),
  setBy: Type.Optional(
    Type.Object(
      { key: Type.String({ description: 'Key of the profile, or name of the resource profile.' }), ...Place },
      { description: 'The line that sets the value, where it is not the job that does.' }
    )
  ),
  max: Type.Optional(
    Type.Object(
      { key: Type.String(), value: Type.Number(), ...Place },
      { description: 'The most that the user may have, and the line that says so.' }
    )
  ),
  enforced: Type.Boolean({ description: 'Whether the cluster keeps it.' }),
  note: Type.Optional(Type.String())
})

const ExplainedImage = Type.Object({
  image: Type.Optional(Type.String({ description: 'The image; not there when none can be taken.' })),
  why: Type.Optional(Type.String({ description: 'Completes a sentence that begins with the image.' })),
  definedIn: Type.Optional(Type.Object(Place, { description: 'Where it is defined, if it is.' })),
  versions: Type.Optional(
    Type.Record(Type.String(), Type.Object({ version: Type.String(), path: Type.String() }), {
      description: 'What the job gets of each language in it.'
    })
  ),
  rejected: Type.Array(
    Type.Object({
      image: Type.String(),
      ...Place,
      why: Type.String({ description: 'Completes a sentence that begins with the image.' })
    })
  )
})

const ExplainedObject = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  text: Type.Optional(
    Type.String({
      description:
        "The object as YAML, with a comment at each part that is not the launcher's own; values of secrets and " +
        'standard input are left out. For the host and administrators only.'
    })
  ),
  origins: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({ description: 'JSON pointer to the part.' }),
        from: Type.String({
          description:
            'cluster, image or tag: a base manifest; profile or override: a line of a profile; resource-profile; ' +
            'image-definition.'
        }),
        name: Type.Optional(Type.String()),
        file: Place.file,
        line: Type.Optional(Place.line)
      }),
      {
        description: "Where each part comes from that is not the launcher's own. For the host and administrators only."
      }
    )
  ),
  verdict: Type.Object(
    {
      state: Type.Enum(['accepted', 'refused', 'waits', 'unknown'], {
        description: 'waits: not now, but when something passes; unknown: the cluster could not be asked.'
      }),
      message: Type.Optional(Type.String())
    },
    { description: 'What the cluster itself says to it, asked with nothing being made.' }
  )
})

const Explanation = Type.Object(
  {
    cluster: Type.String({ description: 'The cluster it would run on.' }),
    user: Type.String({ description: 'Whose job it would be.' }),
    groups: Type.Array(Type.String(), { description: "The user's groups." }),
    accepted: Type.Boolean({
      description: 'Whether the job would be accepted, and by the cluster at its start too as far as it says.'
    }),
    refusals: Type.Array(Problem, { description: 'All that refuses it; a submission gets the first.' }),
    limits: Type.Array(ExplainedLimit, { description: 'Limits that the job asks for or that the profiles know.' }),
    resourceProfile: Type.Optional(
      Type.Object({ name: Type.String(), ...Place }, { description: 'The resource profile that it gets.' })
    ),
    image: Type.Optional(ExplainedImage),
    objects: Type.Optional(
      Type.Array(ExplainedObject, { description: 'What would be made for it, on a cluster that makes objects.' })
    )
  },
  { title: 'Explanation' }
)

type Explanation = Static<typeof Explanation>

export function explainRoute (server: Server, { jobs, requester, withTimeout }: Service): void {
  server.post('/v1/explain', {
    schema: {
      tags: ['jobs'],
      summary: 'Tell what would become of a job, and why',
      description: 'Takes what POST /v1/jobs takes and makes nothing. A job that would be refused is explained too.',
      body: JobSubmission,
      response: { 200: Explanation, default: Problem }
    }
  }, async request => {
    const asking = requester(request)
    return shown(await withTimeout(jobs.explain(request.body, asking)), asking.admin)
  })
}

/** The operator's manifests may hold what the job's user is not to see, such as the environment of a sidecar. */
function shown (
  { cluster, user, groups, refusals, limits, resourceProfile, image, objects }: Explained,
  admin: boolean
): Explanation {
  const told = {
    limits: limits.map(limit => {
      const { enforced = false, note } =
        cluster.plugin.capabilities.limits.find(({ type }) => type === limit.type) ?? {}
      return { ...limit, enforced, ...(note !== undefined && { note }) }
    }),
    ...(resourceProfile !== undefined && { resourceProfile }),
    ...(image !== undefined && { image }),
    ...(objects !== undefined && {
      objects: objects.map(({ text, origins, ...object }) => ({ ...object, ...(admin && { text, origins }) }))
    })
  }
  return {
    cluster: cluster.name,
    user,
    groups: [...groups],
    accepted: refusals.length === 0,
    refusals: refusals.map(problemOf) as Explanation['refusals'],
    // The schema's types are those of values that may be changed.
    ...told as Pick<Explanation, keyof typeof told>
  }
}
