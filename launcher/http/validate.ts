// Checks each part of a request against its schema; the first thing that is wrong is named.

import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { LauncherError } from '../errors.ts'
import { checker } from '../lib/check.ts'
import { exceedsDepth } from './json-depth.ts'

/** Arrays and objects in a body, one in the other. */
const DEEPEST = 64

const PART_NAMES: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header'
}

type Properties = Readonly<Record<string, { type?: string }>>

/** Bodies are taken as they are; what comes as text (query, path, headers) is first read as the type of its field. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = checker(schema)
  const part = PART_NAMES[httpPart ?? 'body'] ?? 'request'
  const { properties = {} } = schema as { properties?: Properties }
  return value => {
    if (httpPart === 'body' && exceedsDepth(value, DEEPEST)) {
      return {
        error: new LauncherError('InvalidRequest', `The body is nested more than ${DEEPEST} deep.`, { in: part })
      }
    }
    const given = httpPart === 'body' ? value : converted(value as Record<string, unknown>, properties)
    const { complaints } = check(given)
    const first = complaints[0]
    if (first === undefined) return { value: given }
    const where = first.field === '' ? `The ${part}` : `${first.field} (${part})`
    const sentence = `${where} ${first.problem}`
    const problems = complaints.slice(0, 20)
    return {
      error: new LauncherError('InvalidRequest', sentence.endsWith('?') ? sentence : `${sentence}.`, {
        field: first.field,
        in: part,
        problems
      })
    }
  }
}

function converted (fields: Record<string, unknown>, properties: Properties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typed(value, properties[name]?.type)]))
}

/** Text that is not plainly of the type stays text, and is refused by the check. */
function typed (value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value
  if (type === 'integer' && /^-?\d{1,15}$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
