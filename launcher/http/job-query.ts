// The query of job lists and event streams, and the filter it means.

import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import { JOB_STATUSES, type JobStatus } from '../model/status.ts'
import { PUBLIC_FIELDS, type PublicJob } from '../jobs/public-job.ts'
import type { JobFilter } from '../jobs/store/filter.ts'
import type { Requester } from './requester.ts'

const Words = (description: string) => Type.Optional(Type.Union([
  Type.String({ maxLength: 8192 }),
  Type.Array(Type.String({ maxLength: 8192 }), { maxItems: 256 })
], { description }))

const filterProperties = {
  status: Words('Any of these statuses; several by repeating it or with commas.'),
  tag: Words('All of these tags; several by repeating it.'),
  user: Words('Any of these users; several by repeating it or with commas.'),
  cluster: Words('Any of these clusters; several by repeating it or with commas.'),
  since: Type.Optional(
    Type.String({ format: 'date-time', description: 'Submitted at this time or later (ISO 8601).' })
  ),
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'Submitted at this time or earlier (ISO 8601).' })
  )
}

export const FilterQuery = Type.Object(filterProperties, { additionalProperties: false })

export const ListQuery = Type.Object({
  ...filterProperties,
  fields: Words('Only these fields of each job, and id; with commas.'),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Most jobs on a page.' })),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: 'nextCursor of the page before.' }))
}, { additionalProperties: false })

/** What the requester may see of what the query asks for. Throws InvalidRequest for a status that does not exist. */
export function filterOf (query: Static<typeof FilterQuery>, { user, admin }: Requester): JobFilter {
  const statuses = words(query.status) as JobStatus[] | undefined
  const unknown = statuses?.find(status => !JOB_STATUSES.includes(status))
  if (unknown !== undefined) throw invalid('status', `${unknown} is not a status; there is ${JOB_STATUSES.join(', ')}.`)
  const asked = words(query.user)
  const users = admin ? asked : asked === undefined ? [user!] : asked.filter(name => name === user)
  const clusters = words(query.cluster)
  return {
    ...(statuses === undefined ? {} : { statuses }),
    ...(query.tag === undefined ? {} : { tags: [query.tag].flat() }),
    ...(users === undefined ? {} : { users }),
    ...(clusters === undefined ? {} : { clusters }),
    ...(query.since === undefined ? {} : { since: Date.parse(query.since) }),
    ...(query.until === undefined ? {} : { until: Date.parse(query.until) })
  }
}

/** Names of the fields asked for. Throws InvalidRequest for one that a job does not have. */
export function fieldsOf (query: Static<typeof ListQuery>): ReadonlyArray<keyof PublicJob> | undefined {
  const fields = words(query.fields) as Array<keyof PublicJob> | undefined
  const unknown = fields?.find(field => !PUBLIC_FIELDS.includes(field))
  if (unknown !== undefined) {
    throw invalid('fields', `${unknown} is not a field of a job; there is ${PUBLIC_FIELDS.join(', ')}.`)
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
