// The public form of a job: times in ISO 8601, no secret values, no standard input.

import { Type, type Static } from 'typebox'
import { OneOf } from '../lib/one-of.ts'
import { endedBy } from '../model/intent.ts'
import { JobSubmission, type Job } from '../model/job.ts'
import { outcomeOf } from '../model/job-outcome.ts'
import { OutcomeWord, StatusWord } from '../model/job-words.ts'
import { JobNetwork } from '../model/network.ts'
import { TRUNCATIONS } from '../model/output-truncated.ts'
import { isEnded } from '../model/status.ts'

const Time = (description: string) => Type.String({ format: 'date-time', description })

const {
  secrets: _secrets,
  stdin: _stdin,
  user: _user,
  cluster: _cluster,
  name: _name,
  host: _host,
  ...shown
} = JobSubmission.properties

/** Schema of a job in replies and events. */
export const PublicJob = Type.Object(
  {
    id: Type.String({ description: 'Id of the job. Ids sort by the time of submission.' }),
    name: Type.String({ description: 'Name to show to users.' }),
    user: Type.String({ description: 'User that owns the job.' }),
    cluster: Type.String({ description: 'Cluster that it runs on.' }),
    status: { ...StatusWord, description: 'Pending, Running and Suspended can change; the others are final.' },
    outcome: Type.Optional(
      {
        ...OutcomeWord,
        description:
          'What became of an ended job: succeeded (the program exited with 0), failed, stopped (on request) or lost ' +
          '(how it ended is not known). Absent before the end; docs/guide/statuses-and-outcomes.md has the table.'
      }
    ),
    reason: Type.Optional(
      Type.String({ description: 'Why it waits, what it lacks or how it ended; see docs/reference/reasons.md.' })
    ),
    message: Type.Optional(Type.String({ description: 'The reason in one sentence.' })),
    exitCode: Type.Optional(Type.Integer({ description: 'Exit code; 128 + N if signal N ended the program.' })),
    endedBy: Type.Optional(
      Type.Object(
        {
          operation: OneOf(['stop', 'kill', 'cancel'], { description: 'What was requested.' }),
          user: Type.Optional(
            Type.String({ description: 'The user who requested it; absent if the host itself did, without a user.' })
          )
        },
        {
          title: 'EndedBy',
          description:
            'Who requested the stop, kill or cancel that ended the job. Absent if no request ended it, or if a ' +
            'launcher that did not note it received the request.'
        }
      )
    ),
    outputTruncated: Type.Optional(
      Type.Object(
        {
          reason: OneOf(Object.keys(TRUNCATIONS), {
            description: 'Why; docs/reference/reasons.md lists the codes.'
          }),
          message: Type.String({ description: 'The reason in a sentence.' }),
          offset: Type.Optional(
            Type.Integer({
              minimum: 0,
              description: 'Byte offset in the output where the first bytes are missing; absent if it is not known.'
            })
          )
        },
        {
          title: 'OutputTruncated',
          description:
            'Present only if output is known to be incomplete, or its end could not be read. It stays once it is ' +
            'present.'
        }
      )
    ),
    outputExpired: Type.Optional(
      Type.Literal(true, {
        description: 'Present if the output was removed because JobExpiry has passed. No event tells of it.'
      })
    ),
    usage: Type.Optional(
      Type.Object(
        {
          cpuSeconds: Type.Optional(
            Type.Number({ description: 'Seconds of CPU, user and system, of all of its processes.' })
          ),
          peakMemoryBytes: Type.Optional(
            Type.Number({ description: 'The most memory that it used at any time, in bytes.' })
          ),
          sampled: Type.Optional(
            Type.Array(OneOf(['cpuSeconds', 'peakMemoryBytes']), {
              description:
                'The figures that come from measurements while the job ran, so that the true value may be higher. ' +
                'The cluster itself counted the others.'
            })
          )
        },
        {
          title: 'JobUsage',
          description: 'What an ended job used. A figure that is not known is absent; GET /v1/usage has running jobs.'
        }
      )
    ),
    key: Type.Optional(
      Type.String({ description: "The host's own name for the job, of PUT /v1/jobs/by-key/{key}." })
    ),
    array: Type.Optional(
      Type.Object(
        {
          id: Type.String({ description: 'Id of the array, which is that of its first job.' }),
          index: Type.Integer({ description: 'Place of the job in the array, from 0.' }),
          count: Type.Integer({ description: 'Number of jobs that the submission made.' })
        },
        { title: 'JobArray', description: 'The array that the job belongs to.' }
      )
    ),
    pid: Type.Optional(Type.Integer({ description: "Process id of the job's supervisor, if the cluster has one." })),
    host: Type.Optional(Type.String({ description: 'Host that it runs on.' })),
    network: Type.Optional({
      ...JobNetwork,
      description: 'Where the ports of the job are, while it runs and exposes ports. It is an event if it changes.'
    }),
    revision: Type.Integer({
      format: 'int64',
      description:
        'Number of the last change of this job, and the end of its event id. It grows with every change of any job.'
    }),
    submissionTime: Time('When it was accepted.'),
    startTime: Type.Optional(Time('When it started to run.')),
    readyTime: Type.Optional(
      Time('When all ports with ready had answered. It stays. Absent before, and if no port has ready.')
    ),
    endTime: Type.Optional(Time('When it ended.')),
    lastUpdateTime: Time('When it last changed.'),
    secrets: Type.Optional(
      Type.Array(Type.Object({ name: Type.String() }), {
        description: 'Names of the secrets; the values are never returned.'
      })
    ),
    ...shown
  },
  { title: 'Job' }
)

export type PublicJob = Static<typeof PublicJob>

/** Schema of a job in a list, which with `fields` has only the named fields and id. */
export const PartialJob = Type.Object(
  { ...Type.Partial(PublicJob).properties, id: PublicJob.properties.id },
  { title: 'PartialJob' }
)

export type PartialJob = Static<typeof PartialJob>

/** Schema of the job that a dry run describes. It has no id, since no job has it. */
export const JobPreview = Type.Object(withoutIdentity(PublicJob.properties), {
  title: 'JobPreview', not: { properties: { id: {} }, required: ['id'] }
})

export type JobPreview = Static<typeof JobPreview>

/** Names that are valid in `fields`. */
export const PUBLIC_FIELDS = Object.keys(PublicJob.properties) as ReadonlyArray<keyof PublicJob>

export function publicJob (job: Job): PublicJob {
  const outcome = outcomeOf(job)
  const by = endedBy(job)
  const { secrets, stdin: _stdin, user: _user, cluster: _cluster, ...submission } = job.submission
  return {
    id: job.id,
    ...submission,
    user: job.user,
    cluster: job.cluster,
    status: job.status,
    revision: job.revision,
    submissionTime: iso(job.submissionTime),
    lastUpdateTime: iso(job.lastUpdateTime),
    ...(outcome === undefined ? {} : { outcome }),
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    ...(job.message === undefined ? {} : { message: job.message }),
    ...(job.exitCode === undefined ? {} : { exitCode: job.exitCode }),
    ...(by === undefined ? {} : { endedBy: by }),
    ...(job.outputTruncated === undefined ? {} : { outputTruncated: job.outputTruncated }),
    ...(job.outputExpired === true && { outputExpired: true }),
    ...(job.usage === undefined || !isEnded(job.status) ? {} : { usage: publicUsage(job.usage) }),
    ...(job.key === undefined ? {} : { key: job.key.key }),
    ...(job.array === undefined ? {} : { array: { ...job.array } }),
    ...(job.pid === undefined ? {} : { pid: job.pid }),
    ...(job.host === undefined ? {} : { host: job.host }),
    ...(job.network === undefined || isEnded(job.status) ? {} : { network: job.network }),
    ...(job.startTime === undefined ? {} : { startTime: iso(job.startTime) }),
    ...(job.readyTime === undefined ? {} : { readyTime: iso(job.readyTime) }),
    ...(job.endTime === undefined ? {} : { endTime: iso(job.endTime) }),
    ...(secrets === undefined ? {} : { secrets: secrets.map(({ name }) => ({ name })) })
  }
}

function publicUsage ({ sampled, ...figures }: NonNullable<Job['usage']>): NonNullable<PublicJob['usage']> {
  return { ...figures, ...(sampled && { sampled: [...sampled] }) }
}

export function jobPreview (job: Job): JobPreview {
  return withoutIdentity(publicJob(job))
}

/** Leaves out what only a stored job has. */
function withoutIdentity<T extends { id: unknown, revision?: unknown }> ({ id: _id, revision: _revision, ...rest }: T) {
  return rest
}

/** Keeps the id and the named fields. */
export function pickFields (job: PublicJob, fields: ReadonlyArray<keyof PublicJob> | undefined): PartialJob {
  if (fields === undefined) return job
  const wanted = new Set<string>(['id', ...fields])
  return Object.fromEntries(Object.entries(job).filter(([name]) => wanted.has(name))) as PartialJob
}

/** Returns whether any of the fields is read from the job's submission. */
export function showsSubmission (fields: ReadonlyArray<keyof PublicJob> | undefined): boolean {
  return fields?.some(field => field in JobSubmission.properties && field !== 'user' && field !== 'cluster') ?? true
}

function iso (milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
