// The route that explains how a job would run and why.

import { Type, type Static } from 'typebox'
import { JobBody } from '../model/job-body.ts'
import { OneOf } from '../lib/one-of.ts'
import type { PlacedDecision } from '../jobs/admit.ts'
import { Problem, problemOf } from './problem.ts'
import { json } from './replies.ts'
import type { Server, Service } from './service.ts'

const Place = {
  file: Type.String({ description: 'The file.' }),
  line: Type.Integer({ description: 'Line of the file, from 1.' })
}

/** The default of a conf key has no line. */
const OptionalPlace = { file: Type.Optional(Place.file), line: Type.Optional(Place.line) }

const RuledValue = (description: string) =>
  Type.Object({ key: Type.String(), value: Type.Number(), ...OptionalPlace }, {
    description: `${description} With the line that sets it.`
  })

const ExplainedLimit = Type.Object({
  type: Type.String({ description: 'Type of the limit, as in resourceLimits.' }),
  asked: Type.Optional(Type.Number({ description: 'Value that the job requests, if any.' })),
  value: Type.Optional(Type.Number({ description: 'Effective value; missing if there is none.' })),
  setBy: Type.Optional(
    Type.Object(
      {
        key: Type.String({
          description: 'Key of the profile, name of the resource profile, or "default of" and a key of the conf file.'
        }),
        ...OptionalPlace
      },
      { description: 'The line that sets the value; missing if the job sets it.' }
    )
  ),
  max: Type.Optional(
    Type.Object(
      { key: Type.String(), value: Type.Number(), ...OptionalPlace },
      { description: "The user's maximum, and the line that sets it." }
    )
  ),
  enforced: Type.Boolean({ description: 'Whether the cluster enforces it.' }),
  note: Type.Optional(Type.String())
})

const ExplainedImage = Type.Object({
  image: Type.Optional(Type.String({ description: 'The selected image; missing if none can be selected.' })),
  why: Type.Optional(Type.String({ description: 'Completes a sentence that begins with the image.' })),
  definedIn: Type.Optional(Type.Object(Place, { description: 'Where the image is defined, if it has a definition.' })),
  versions: Type.Optional(
    Type.Record(Type.String(), Type.Object({ version: Type.String(), path: Type.String() }), {
      description: 'Version and path that the job gets of each language in the image.'
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
        'The object as YAML, with a comment at each part that the launcher did not add itself. Secret values and ' +
        'standard input are omitted. Missing for a pod, which the Job has as its template. Only for the host and ' +
        'administrators.'
    })
  ),
  origins: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({ description: 'JSON pointer to the part.' }),
        from: Type.String({
          description:
            'cluster, image or tag: a base manifest. profile or override: a line of a profile. Also: ' +
            'resource-profile, image-definition.'
        }),
        name: Type.Optional(Type.String()),
        file: Place.file,
        line: Type.Optional(Place.line)
      }),
      {
        description:
          'Origin of each part that the launcher did not add itself. Only for the host and administrators.'
      }
    )
  ),
  verdict: Type.Object(
    {
      state: OneOf(['accepted', 'refused', 'waits', 'unknown'], {
        description: 'waits: rejected now, for a reason that can pass. unknown: the cluster could not be asked.'
      }),
      message: Type.Optional(Type.String())
    },
    { description: "The cluster's own answer to a dry run, which creates nothing." }
  )
})

const Explanation = Type.Object(
  {
    cluster: Type.String({ description: 'The cluster that it would run on.' }),
    user: Type.String({ description: 'The user that would own the job.' }),
    groups: Type.Array(Type.String(), { description: "The user's groups." }),
    accepted: Type.Boolean({
      description:
        'Whether the launcher would accept the job, and the cluster its start, if the cluster gives an answer.'
    }),
    refusals: Type.Array(Problem, { description: 'Every reason to reject it; a submission fails with the first.' }),
    limits: Type.Array(ExplainedLimit, { description: 'Limits that the job requests or a profile sets.' }),
    resourceProfile: Type.Optional(
      Type.Object({ name: Type.String(), ...Place }, { description: 'The resource profile of the job.' })
    ),
    image: Type.Optional(ExplainedImage),
    objects: Type.Optional(
      Type.Array(ExplainedObject, {
        description: 'Objects that a start would create, on clusters that have objects, and the pod that the cluster ' +
          'would create for them.'
      })
    ),
    expectedWait: Type.Optional(
      Type.Object(
        {
          state: OneOf(['waits', 'unknown'], {
            description: 'waits: the cluster would not start the job now. unknown: the cluster could not be asked.'
          }),
          reason: Type.Optional(
            Type.String({ description: 'Reason that the pending job would have; see docs/reference/reasons.md.' })
          ),
          message: Type.String({ description: 'The reason in a sentence.' })
        },
        { description: 'What an accepted job would wait for; missing if nothing is known to hold it up.' }
      )
    ),
    start: Type.Object(
      {
        priority: Type.Integer({ description: "Priority among the user's own jobs." }),
        sharedPriority: Type.Integer({ description: 'Priority against jobs of other users.' }),
        maxPriority: Type.Optional(RuledValue('The most that a priority counts against jobs of other users.')),
        maxRunningJobs: Type.Optional(RuledValue('How many jobs of all users may run at once; missing if unbounded.')),
        maxRunningJobsOfUser: Type.Optional(
          RuledValue('How many jobs of the user may run at once; missing if unbounded.')
        )
      },
      { description: 'Which jobs start before it, and how many may run at once.' }
    )
  },
  { title: 'Explanation' }
)

type Explanation = Static<typeof Explanation>

export function explainRoute (server: Server, { jobs, requester, withTimeout }: Service): void {
  server.post('/v1/explain', {
    schema: {
      operationId: 'explainJob',
      tags: ['jobs'],
      summary: 'Explain how a job would run, and why',
      description:
        'Takes the same body as POST /v1/jobs and creates nothing. Also explains a job that would be rejected.',
      body: JobBody,
      response: { 200: json(Explanation, 'How the job would run.') }
    }
  }, async request => {
    const subject = requester(request)
    return shown(await withTimeout(jobs.explain(request.body, subject)), subject.admin)
  })
}

const UNORDERED: Explanation['start'] = { priority: 0, sharedPriority: 0 }

/** Hides the manifests from users: they may contain what only the operator may see, such as a sidecar's environment. */
function shown (
  { cluster, user, groups, refusals, explanation = { limits: [] }, start = UNORDERED }: PlacedDecision,
  admin: boolean
): Explanation {
  const { limits, resourceProfile, image, objects, expectedWait } = explanation
  const details = {
    limits: limits.map(limit => {
      const { enforced = false, note } =
        cluster.plugin.capabilities.limits.find(({ type }) => type === limit.type) ?? {}
      return { ...limit, enforced, ...(note !== undefined && { note }) }
    }),
    ...(resourceProfile !== undefined && { resourceProfile }),
    ...(image !== undefined && { image }),
    ...(objects !== undefined && {
      objects: objects.map(({ text, origins, ...object }) =>
        ({ ...object, ...(admin && { ...(text !== undefined && { text }), origins }) }))
    }),
    ...(expectedWait !== undefined && refusals.length === 0 && { expectedWait })
  }
  return {
    cluster: cluster.name,
    user,
    groups: [...groups],
    accepted: refusals.length === 0,
    refusals: refusals.map(problemOf) as Explanation['refusals'],
    start,
    // The schema's types are mutable; the explanation's are readonly.
    ...details as Pick<Explanation, keyof typeof details>
  }
}
