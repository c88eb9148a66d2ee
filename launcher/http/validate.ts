// Validates each part of a request against its schema. The error names the first problem and the value that was given.

import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { LauncherError } from '../errors.ts'
import { checker, fieldIn } from '../lib/check.ts'
import { shownValue } from '../lib/shown-value.ts'
import { isSecret } from '../model/secret-fields.ts'

const PART_NAMES: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header'
}

/** Most unknown fields that a refusal names. */
const MAX_NAMED = 20

type Properties = Readonly<Record<string, { type?: string }>>

/** Validates bodies as they are. Converts texts (query, path, headers) to the types of their fields first. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = checker(schema)
  const part = PART_NAMES[httpPart ?? 'body'] ?? 'request'
  const { properties = {}, additionalProperties } = schema as {
    properties?: Properties, additionalProperties?: unknown
  }
  const closed = additionalProperties === false
  return value => {
    const given = httpPart === 'body' ? value : converted(value as Record<string, unknown>, properties)
    const problems = check(given).problems.map(({ field, problem, path }) => {
      const repeated = httpPart === 'querystring' && isRepeated(field, given, properties)
      return { field, problem: repeated ? 'is given more than once' : `${problem}${shownAt(path, given)}` }
    })
    const first = problems[0]
    if (first === undefined) return { value: given }
    const where = first.field === '' ? `The ${part}` : `${first.field} (${part})`
    const sentence = `${where} ${first.problem}`
    const unknown = closed ? unknownFields(given, properties) : undefined
    return {
      error: new LauncherError('InvalidRequest', `${sentence}${sentence.endsWith('?') ? '' : '.'}${unknown ?? ''}`, {
        field: first.field,
        in: part,
        problems: problems.slice(0, 20)
      })
    }
  }
}

/** Returns the value that a problem is about, as the end of its sentence, or nothing for a value that may be secret. */
function shownAt (path: readonly string[] | undefined, given: unknown): string {
  if (path === undefined || isSecret(path)) return ''
  const value = path.reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], given)
  // Text in the place of a whole body may be a body with secrets that was encoded twice.
  return `: ${path.length === 0 && typeof value === 'string' ? 'text' : shownValue(value)}`
}

/** Returns a sentence that names the unknown fields if there are several. */
function unknownFields (value: unknown, properties: Properties): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const names = Object.keys(value).filter(name => !Object.hasOwn(properties, name))
  if (names.length < 2) return undefined
  const named = names.slice(0, MAX_NAMED).map(name => fieldIn('', name)).join(', ')
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  return ` ${names.length} fields are not known: ${named}${more}.`
}

function converted (fields: Record<string, unknown>, properties: Properties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typed(value, properties[name]?.type)]))
}

/** Returns whether the query has several values of a field that is no list. */
function isRepeated (field: string, query: unknown, properties: Properties): boolean {
  if (!Object.hasOwn(properties, field) || properties[field]!.type === 'array') return false
  return Array.isArray((query as Record<string, unknown>)[field])
}

/** Text that does not have the form of the type stays text, which the validation then rejects. */
function typed (value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value
  if (type === 'array') return [value]
  if (type === 'integer' && isSafeInteger(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** Returns false for a number that JavaScript would round. */
function isSafeInteger (text: string): boolean {
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))
}
