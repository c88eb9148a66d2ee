// Validates a value against a TypeBox schema and describes each problem and its field in words.

import { Compile } from 'typebox/compile'
import type { Static, TSchema } from 'typebox'
import { suggest } from './closest-match.ts'

/** One problem. `field` is a path such as `environment[0].name`; it is empty for the value itself. */
interface FieldProblem {
  field: string
  problem: string
}

export interface Checked<T> {
  value?: T
  problems: FieldProblem[]
}

/** Most unknown fields of one object that are reported. */
const MAX_UNKNOWN = 100
/** Longest name of a field in a problem, in characters. */
const LONG_NAME = 200

/** The parts of a schema that this file reads. `expected` is our own annotation: it describes valid values in words. */
interface SchemaNode {
  type?: string
  properties?: Record<string, SchemaNode>
  items?: SchemaNode
  enum?: unknown[]
  expected?: string
}

interface SchemaError {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
  message: string
}

/**
 * Returns a function that never throws, never changes the value, and reports at most one problem per field. The first
 * call compiles the schema.
 */
export function checker<S extends TSchema> (schema: S): (value: unknown) => Checked<Static<S>> {
  let compiled: ReturnType<typeof Compile<S>> | undefined
  return value => {
    compiled ??= Compile(schema)
    if (compiled.Check(value)) return { value: value as Static<S>, problems: [] }
    const errors = compiled.Errors(withShortNames(value)) as unknown as SchemaError[]
    const all = errors.flatMap(error => problemsOf(schema as SchemaNode, error))
    const fields = new Set<string>()
    const problems = all.filter(({ field }) => fields.size !== fields.add(field).size)
    return {
      problems: problems.length > 0 ? problems : [{ field: '', problem: 'does not match the schema' }]
    }
  }
}

/**
 * Returns a copy without most of the names that are long or need escapes, and with the others cut: TypeBox takes 0.1 µs
 * for each slash in the name of an unknown field. No schema has such names, so only unknown fields are left out.
 */
function withShortNames (value: unknown): unknown {
  let remaining = MAX_UNKNOWN
  const copy = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(copy)
    if (typeof item !== 'object' || item === null) return item
    const entries: Array<[string, unknown]> = []
    for (const [name, member] of Object.entries(item)) {
      const isLong = name.length > LONG_NAME
      if ((isLong || name.includes('/') || name.includes('~')) && remaining-- <= 0) continue
      entries.push([isLong ? name.slice(0, LONG_NAME) : name, copy(member)])
    }
    return Object.fromEntries(entries)
  }
  return copy(value)
}

function problemsOf (schema: SchemaNode, error: SchemaError): FieldProblem[] {
  const field = fieldName(error.instancePath)
  const node = nodeAt(schema, error.schemaPath)
  const { params } = error
  switch (error.keyword) {
    case 'boolean':
      return []
    case 'additionalProperties':
      return (params.additionalProperties as string[]).slice(0, MAX_UNKNOWN).map(name => ({
        field: join(field, name),
        problem: `is not a known field${suggest(name, Object.keys(node?.properties ?? {}))}`
      }))
    case 'required':
      return (params.requiredProperties as string[]).map(name => ({ field: join(field, name), problem: 'is missing' }))
    case 'maxLength':
      return [{ field, problem: `has more than ${params.limit} characters` }]
    case 'minLength':
      return [{ field, problem: params.limit === 1 ? 'is empty' : `has fewer than ${params.limit} characters` }]
    case 'maxItems':
      return [{ field, problem: `has more than ${params.limit} items` }]
    case 'minItems':
      return [{ field, problem: `has fewer than ${params.limit} items` }]
    case 'enum':
      return [{ field, problem: `is not one of ${(node?.enum ?? []).join(', ')}` }]
    case 'pattern':
      return [
        {
          field,
          problem: node?.expected === undefined ? `does not match ${params.pattern}` : `is not ${node.expected}`
        }
      ]
    case 'type':
      return [{ field, problem: `is not ${typeInWords(params.type)}` }]
    case 'format':
      return [
        {
          field,
          problem:
            params.format === 'date-time'
              ? 'is not a time such as 2026-01-31T12:00:00Z'
              : `does not have the format ${params.format}`
        }
      ]
    default:
      return [{ field, problem: error.message }]
  }
}

function typeInWords (type: unknown): string {
  switch (type) {
    case 'integer': return 'a whole number'
    case 'boolean': return 'true or false'
    case 'array': return 'a list'
    case 'object': return 'an object'
    case 'string': return 'text'
    default: return `a ${String(type)}`
  }
}

function nodeAt (schema: SchemaNode, schemaPath: string): SchemaNode | undefined {
  let node: unknown = schema
  for (const part of schemaPath.split('/').slice(1)) {
    node = (node as Record<string, unknown> | undefined)?.[unescape(part)]
  }
  return node as SchemaNode | undefined
}

function fieldName (instancePath: string): string {
  return instancePath.split('/').slice(1).map(unescape).reduce(join, '')
}

function join (parent: string, name: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name
  if (/^\d+$/.test(shown)) return `${parent}[${shown}]`
  return parent === '' ? shown : `${parent}.${shown}`
}

function unescape (part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
