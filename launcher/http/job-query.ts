// The query of job lists and event streams, and its conversion to a filter.

import { Type, type Static, type TSchema } from 'typebox'
import { LauncherError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import { documentedAs } from '../lib/documented.ts'
import { OneOf } from '../lib/one-of.ts'
import { shownWord } from '../lib/shown-value.ts'
import { suggest } from '../lib/closest-match.ts'
import { JOB_OUTCOMES } from '../model/job-outcome.ts'
import { OutcomeWord, StatusWord } from '../model/job-words.ts'
import { REASONS } from '../model/reasons.ts'
import { JOB_STATUSES } from '../model/status.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { PUBLIC_FIELDS, type PublicJob } from '../jobs/public-job.ts'
import type { JobFilter } from '../jobs/store/filter.ts'
import type { Requester } from './requester.ts'

const REASON_NAMES = Object.keys(REASONS) as Array<keyof typeof REASONS>

/** One value is a list of one. A text may have several values, separated with commas, which `filterOf` checks. */
const Texts = Type.Array(Type.String({ maxLength: 8192 }), { maxItems: 256 })
const Words = (description: string, word: TSchema = Type.String()) =>
  Type.Optional(documentedAs(Texts, Type.Array(word, { maxItems: 256, description })))

const filterProperties = {
  status: Words('Any of these statuses. Repeat it, or separate values with commas.', StatusWord),
  outcome: Words('Any of these outcomes, which ended jobs have. As for status.', OutcomeWord),
  reason: Words(
    'Any of these reasons; see docs/reference/reasons.md. As for status.', OneOf(REASON_NAMES, { title: 'Reason' })
  ),
  exitCode: Words('Any of these exit codes. As for status.', Type.Integer({ minimum: 0, maximum: 255 })),
  name: Words(
    'Any of these names. With * as its last character, a value matches each name that begins with the text before it ' +
    '(report-*); without, it matches the whole name. Repeat it, or separate values with commas, without spaces; a ' +
    'name with a comma is found by its beginning.'
  ),
  tag: Words('All of these tags. Repeat it for several.'),
  user: Words('Any of these users. One without jobs is no error. As for status.'),
  cluster: Words(
    'Any of these clusters. As for status. ClusterNotFound for one that is not configured and has had no job here.'
  ),
  array: Words('The jobs of any of these arrays, by the id of the array. As for status.'),
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
  fields: Words('Only these fields of each job, and id. As for status.', OneOf(PUBLIC_FIELDS)),
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
export function listFilterOf (query: Static<typeof ListQuery>, requester: Requester, jobs: KnowsClusters): JobFilter {
  const { idempotencyKey: key } = query
  return {
    ...filterOf(query, requester, jobs),
    ...(key === undefined ? {} : { idempotency: { user: requester.user ?? '', key } })
  }
}

type KnowsClusters = Pick<Jobs, 'requireKnownClusters'>

/**
 * Limits the query to the jobs that the requester may see. Throws InvalidRequest for a status, outcome or reason that
 * does not exist, and for what is no exit code. Throws ClusterNotFound as `requireKnownClusters`.
 */
export function filterOf (
  query: Static<typeof FilterQuery>, { user, admin }: Requester, jobs: KnowsClusters
): JobFilter {
  const requested = words(query.user)
  const users = admin ? requested : requested === undefined ? [user!] : requested.filter(name => name === user)
  const clusters = words(query.cluster)
  jobs.requireKnownClusters(clusters)
  return defined({
    statuses: oneOf('status', query.status, JOB_STATUSES, list('statuses', JOB_STATUSES)),
    outcomes: oneOf('outcome', query.outcome, JOB_OUTCOMES, list('outcomes', JOB_OUTCOMES)),
    reasons: oneOf('reason', query.reason, REASON_NAMES, reasonHelp),
    exitCodes: words(query.exitCode)?.map(exitCodeOf),
    names: untrimmed(query.name),
    tags: query.tag,
    users,
    clusters,
    arrays: words(query.array),
    since: timeOf(query.since),
    until: timeOf(query.until)
  })
}

function reasonHelp (word: string): string {
  const end = suggest(word, REASON_NAMES) || '; docs/reference/reasons.md lists them.'
  return `A reason is a word such as Exited${end}`
}

function list (what: string, words: readonly string[]): () => string {
  return () => `The ${what} are: ${words.join(', ')}.`
}

/** Throws InvalidRequest with `help` for a word that is not known. */
function oneOf<Known extends string> (
  field: string, value: string[] | undefined, known: readonly Known[], help: (word: string) => string
): Known[] | undefined {
  const given = words(value)
  const unknown = given?.find(word => !(known as readonly string[]).includes(word))
  if (unknown === undefined) return given as Known[] | undefined
  throw invalid(field, `${shownWord(unknown)} is not ${/^[aeiou]/.test(field) ? 'an' : 'a'} ${field}. ${help(unknown)}`)
}

function exitCodeOf (word: string): number {
  if (/^\d{1,3}$/.test(word) && Number(word) <= 255) return Number(word)
  throw invalid('exitCode', `${shownWord(word)} is not an exit code, which is a whole number from 0 to 255.`)
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
    const known = PUBLIC_FIELDS.join(', ')
    throw invalid('fields', `${shownWord(unknown)} is not a field of a job. The fields are: ${known}.`)
  }
  return fields
}

function words (value: string[] | undefined): string[] | undefined {
  const all = untrimmed(value)?.map(word => word.trim()).filter(word => word !== '')
  return all && [...new Set(all)]
}

/** The name of a job may begin or end with a space. */
function untrimmed (value: string[] | undefined): string[] | undefined {
  if (value === undefined) return undefined
  return [...new Set(value.flatMap(text => text.split(',')).filter(word => word !== ''))]
}

function invalid (field: string, problem: string): LauncherError {
  return new LauncherError('InvalidRequest', `${field} (query): ${problem}`, { field, in: 'query' })
}
