// The public form of a job: times in ISO 8601, no secret values, no standard input.

import { Type, type Static } from 'typebox'
import { endedBy } from '../model/intent.ts'
import { JobSubmission, type Job } from '../model/job.ts'
import { JOB_OUTCOMES, outcomeOf } from '../model/job-outcome.ts'
import { TRUNCATIONS } from '../model/output-truncated.ts'
import { JOB_STATUSES } from '../model/status.ts'

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

/** Schema of a job in replies and events. With `fields`, it has only the named fields and id. */
export const PublicJob = Type.Object(
  {
    id: Type.String({ description: 'Id of the job. Ids sort by the time of submission.' }),
    name: Type.Optional(Type.String({ description: 'Name to show to users.' })),
    user: Type.Optional(Type.String({ description: 'User that owns the job.' })),
    cluster: Type.Optional(Type.String({ description: 'Cluster that it runs on.' })),
    status: Type.Optional(
      Type.Enum([...JOB_STATUSES], { description: 'Pending, Running and Suspended can change; the others are final.' })
    ),
    outcome: Type.Optional(
      Type.Enum([...JOB_OUTCOMES], {
        description:
          'What became of an ended job: succeeded (the program exited with 0), failed, stopped (on request) or lost ' +
          '(how it ended is not known). Absent before the end; docs/guide/statuses-and-outcomes.md has the table.'
      })
    ),
    reason: Type.Optional(
      Type.String({ description: 'Why it waits, what it lacks or how it ended; see docs/reference/reasons.md.' })
    ),
    message: Type.Optional(Type.String({ description: 'The reason in one sentence.' })),
    exitCode: Type.Optional(Type.Integer({ description: 'Exit code; 128 + N if signal N ended the program.' })),
    endedBy: Type.Optional(
      Type.Object(
        {
          operation: Type.Enum(['stop', 'kill', 'cancel'], { description: 'What was requested.' }),
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
          reason: Type.Enum(Object.keys(TRUNCATIONS), {
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
    revision: Type.Optional(
      Type.Integer({
        description:
          'Number of the last change of this job, and the end of its event id. It grows with every change of any job.'
      })
    ),
    submissionTime: Type.Optional(Time('When it was accepted.')),
    startTime: Type.Optional(Time('When it started to run.')),
    endTime: Type.Optional(Time('When it ended.')),
    lastUpdateTime: Type.Optional(Time('When it last changed.')),
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

/** Schema of the job that a dry run describes. It has no id, since no job has it. */
export const JobPreview = Type.Object(withoutIdentity(PublicJob.properties), { title: 'JobPreview' })

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
    ...(job.array === undefined ? {} : { array: { ...job.array } }),
    ...(job.pid === undefined ? {} : { pid: job.pid }),
    ...(job.host === undefined ? {} : { host: job.host }),
    ...(job.startTime === undefined ? {} : { startTime: iso(job.startTime) }),
    ...(job.endTime === undefined ? {} : { endTime: iso(job.endTime) }),
    ...(secrets === undefined ? {} : { secrets: secrets.map(({ name }) => ({ name })) })
  }
}

export function jobPreview (job: Job): JobPreview {
  return withoutIdentity(publicJob(job))
}

/** Leaves out what only a stored job has. */
function withoutIdentity<T extends { id: unknown, revision?: unknown }> ({ id: _id, revision: _revision, ...rest }: T) {
  return rest
}

/** Keeps the id and the named fields. */
export function pickFields (job: PublicJob, fields: ReadonlyArray<keyof PublicJob> | undefined): PublicJob {
  if (fields === undefined) return job
  const wanted = new Set<string>(['id', ...fields])
  return Object.fromEntries(Object.entries(job).filter(([name]) => wanted.has(name))) as PublicJob
}

/** Returns whether any of the fields is read from the job's submission. */
export function showsSubmission (fields: ReadonlyArray<keyof PublicJob> | undefined): boolean {
  return fields?.some(field => field in JobSubmission.properties && field !== 'user' && field !== 'cluster') ?? true
}

function iso (milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
