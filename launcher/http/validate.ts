// Checks each part of a request against its schema; the first thing that is wrong is named.

import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Convert } from 'typebox/value'
import { LauncherError } from '../errors.ts'
import { checker } from '../lib/check.ts'

const PART_NAMES: Readonly<Record<string, string>> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

/** Bodies are taken as they are; what comes as text (query, path, headers) is first converted to its type. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = checker(schema)
  const part = PART_NAMES[httpPart ?? 'body'] ?? 'request'
  return value => {
    const given = httpPart === 'body' ? value : Convert(schema, structuredClone(value))
    const { complaints } = check(given)
    const first = complaints[0]
    if (first === undefined) return { value: given }
    const where = first.field === '' ? `The ${part}` : `${first.field} (${part})`
    const problems = complaints.slice(0, 20)
    return { error: new LauncherError('InvalidRequest', `${where} ${first.problem}.`, { field: first.field, in: part, problems }) }
  }
}
