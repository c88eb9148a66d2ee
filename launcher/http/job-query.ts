// The query of job lists and event streams, and its conversion to a filter.

import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import { JOB_STATUSES, type JobStatus } from '../model/status.ts'
import { PUBLIC_FIELDS, type PublicJob } from '../jobs/public-job.ts'
import type { JobFilter } from '../jobs/store/filter.ts'
import type { Requester } from './requester.ts'

const Words = (description: string) => Type.Optional(Type.Union([
  Type.String({ maxLength: 8192 }),
  Type.Array(Type.String({ maxLength: 8192 }), { maxItems: 256 })
], { description }))

const filterProperties = {
  status: Words('Any of these statuses. Repeat it, or separate values with commas.'),
  tag: Words('All of these tags. Repeat it for several.'),
  user: Words('Any of these users. Repeat it, or separate values with commas.'),
  cluster: Words('Any of these clusters. Repeat it, or separate values with commas.'),
  since: Type.Optional(
    Type.String({ format: 'date-time', description: 'Submitted at this time or later (ISO 8601).' })
  ),
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'Submitted at this time or earlier (ISO 8601).' })
  )
}

export const FilterQuery = Type.Object(filterProperties)

export const ListQuery = Type.Object({
  ...filterProperties,
  idempotencyKey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'The job that a submission with this Idempotency-Key made, for the same X-Launcher-User. A host that closed ' +
        'the connection before it had a reply finds its job with it, and controls it by its id. If the job was ' +
        'removed, the reply is JobRemoved as for POST.'
    })
  ),
  fields: Words('Only these fields of each job, and id, separated with commas.'),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'Maximum number of jobs on a page; a page of large jobs has fewer.'
    })
  ),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: 'nextCursor of the previous page.' }))
})

/** Returns the filter of a list. Throws as `filterOf`. */
export function listFilterOf (query: Static<typeof ListQuery>, requester: Requester): JobFilter {
  const { idempotencyKey: key } = query
  return {
    ...filterOf(query, requester),
    ...(key === undefined ? {} : { idempotency: { user: requester.user ?? '', key } })
  }
}

/** Limits the query to the jobs that the requester may see. Throws InvalidRequest for an unknown status. */
export function filterOf (query: Static<typeof FilterQuery>, { user, admin }: Requester): JobFilter {
  const statuses = words(query.status) as JobStatus[] | undefined
  const unknown = statuses?.find(status => !JOB_STATUSES.includes(status))
  if (unknown !== undefined) {
    throw invalid('status', `${unknown} is not a status. The statuses are: ${JOB_STATUSES.join(', ')}.`)
  }
  const requested = words(query.user)
  const users = admin ? requested : requested === undefined ? [user!] : requested.filter(name => name === user)
  const clusters = words(query.cluster)
  return defined({
    statuses,
    tags: query.tag === undefined ? undefined : [query.tag].flat(),
    users,
    clusters,
    since: timeOf(query.since),
    until: timeOf(query.until)
  })
}

function timeOf (text: string | undefined): number | undefined {
  // Date does not know the leap second, which the format has.
  return text === undefined ? undefined : Date.parse(text.replace(':60', ':59'))
}

/** Returns the names of the requested fields. Throws InvalidRequest for an unknown field. */
export function fieldsOf (query: Static<typeof ListQuery>): ReadonlyArray<keyof PublicJob> | undefined {
  const fields = words(query.fields) as Array<keyof PublicJob> | undefined
  const unknown = fields?.find(field => !PUBLIC_FIELDS.includes(field))
  if (unknown !== undefined) {
    throw invalid('fields', `${unknown} is not a field of a job. The fields are: ${PUBLIC_FIELDS.join(', ')}.`)
  }
  return fields
}

function words (value: string | string[] | undefined): string[] | undefined {
  if (value === undefined) return undefined
  const all = [value].flat().flatMap(text => text.split(',')).map(word => word.trim()).filter(word => word !== '')
  return [...new Set(all)]
}

function invalid (field: string, problem: string): LauncherError {
  return new LauncherError('InvalidRequest', `${field} (query): ${problem}`, { field, in: 'query' })
}
