// Validates a value against a TypeBox schema and describes each problem and its field in words.

import { Compile } from 'typebox/compile'
import type { Static, TSchema } from 'typebox'
import { suggest } from './closest-match.ts'

/** One problem. `field` is a path such as `environment[0].name`; it is empty for the value itself. */
interface FieldProblem {
  field: string
  problem: string
  /** Where the value is that the problem is about. Undefined if there is none, or if the problem says all of it. */
  path?: readonly string[]
}

export interface Checked<T> {
  value?: T
  problems: FieldProblem[]
}

/** Most unknown fields of one object that are reported: as many as TypeBox reports errors. */
const MAX_UNKNOWN = 8
/** Items of a list that is left out of what is described if it has no problem. */
const LONG_LIST = 100
/** End of the schema path of an error about an unknown field. */
const UNKNOWN = '/additionalProperties'
/** Longest name of an unknown field that is compared with the known ones, in characters. */
const LONG_NAME = 200

/** The parts of a schema that this file reads. `x-expected` is our own: valid values in words. */
interface SchemaNode {
  type?: string
  properties?: Record<string, SchemaNode>
  required?: string[]
  patternProperties?: Record<string, SchemaNode>
  items?: SchemaNode
  maxItems?: number
  additionalProperties?: unknown
  anyOf?: SchemaNode[]
  enum?: unknown[]
  'x-expected'?: string
}

type KeepsField = (name: string, field: unknown) => boolean

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
  const lists = new Map<string, ReturnType<typeof Compile>>()
  const { properties = {}, required = [] } = schema as SchemaNode

  /** Returns a function that keeps only the first long list with a problem; an object of this schema may lack them. */
  function exceptLongLists (): KeepsField {
    let described = false
    return (name, field) => {
      if (!Array.isArray(field) || field.length < LONG_LIST || required.includes(name)) return true
      if (described) return false
      const list = lists.get(name) ?? Compile(properties[name] as TSchema)
      lists.set(name, list)
      described = !list.Check(field)
      return described
    }
  }

  return value => {
    compiled ??= Compile(schema)
    if (compiled.Check(value)) return { value: value as Static<S>, problems: [] }
    const described = withoutExcess(value, schema as SchemaNode, exceptLongLists())
    const errors = compiled.Errors(described) as unknown as SchemaError[]
    const all = errors.flatMap(error => problemsOf(schema as SchemaNode, error))
    const fields = new Set<string>()
    const problems = all.filter(({ field }) => fields.size !== fields.add(field).size)
    return {
      problems: problems.length > 0 ? problems : [{ field: '', problem: 'does not match the schema' }]
    }
  }
}

/**
 * Returns a copy with the same first problems, which TypeBox describes fast: it takes 1 µs for each item and field, and
 * 0.1 µs for each slash in the name of an unknown field. The copy has one item too many of a list that is too long, few
 * unknown fields with short names, nothing below a field that may have any value, and only the known fields that
 * `keeps` names.
 */
function withoutExcess (
  value: unknown, schema: SchemaNode, keeps: KeepsField = () => true
): unknown {
  if (typeof value !== 'object' || value === null) return value
  const node = nodeFor(value, schema)
  if (Array.isArray(value)) {
    const { items, maxItems = Infinity } = node
    const kept = value.slice(0, maxItems + 1)
    return items === undefined ? kept : kept.map(item => withoutExcess(item, items))
  }
  const { properties = {}, patternProperties = {}, additionalProperties } = node
  const fields = value as Record<string, unknown>
  const known = Object.keys(properties).filter(name => Object.hasOwn(fields, name) && keeps(name, fields[name]))
  const copy: Array<[string, unknown]> = known.map(name => [name, withoutExcess(fields[name], properties[name]!)])
  const ofAny = Object.values(patternProperties).find(({ type, anyOf }) => type !== undefined || anyOf !== undefined)
  if (ofAny !== undefined) for (const name in fields) copy.push([name, withoutExcess(fields[name], ofAny)])
  if (additionalProperties === false) for (const name of unknownNames(fields, properties)) copy.push([name, null])
  return Object.fromEntries(copy)
}

/** Returns the schema itself, or the one of its alternatives that is for lists or for objects. */
function nodeFor (value: object, schema: SchemaNode): SchemaNode {
  const type = Array.isArray(value) ? 'array' : 'object'
  return schema.anyOf?.find(alternative => alternative.type === type) ?? schema
}

/** Returns the first unknown names, each cut. */
function unknownNames (fields: object, known: object): string[] {
  const names: string[] = []
  for (const name in fields) {
    if (Object.hasOwn(known, name)) continue
    names.push(name.slice(0, LONG_NAME))
    if (names.length === MAX_UNKNOWN) break
  }
  return names
}

function problemsOf (schema: SchemaNode, error: SchemaError): FieldProblem[] {
  const path = pathOf(error.instancePath)
  const field = fieldName(path)
  switch (error.keyword) {
    case 'boolean':
      return error.schemaPath.endsWith(UNKNOWN) ? [unknownField(schema, error)] : []
    case 'additionalProperties':
      // Each of the fields has an error of its own, which comes first.
      return []
    case 'required':
      return (error.params.requiredProperties as string[]).map(name =>
        ({ field: fieldIn(field, name), problem: 'is missing' }))
    case 'minLength':
      if (error.params.limit === 1) return [{ field, problem: 'is empty' }]
  }
  return [{ field, problem: problemOf(schema, error), path }]
}

/** Returns what is wrong with a value. */
function problemOf (schema: SchemaNode, error: SchemaError): string {
  const node = nodeAt(schema, error.schemaPath)
  const { params } = error
  switch (error.keyword) {
    case 'maxLength':
      return `has more than ${params.limit} characters`
    case 'minLength':
      return `has fewer than ${params.limit} characters`
    case 'maxItems':
      return `has more than ${params.limit} items`
    case 'minItems':
      return `has fewer than ${params.limit} items`
    case 'const':
      return `is not ${JSON.stringify(params.allowedValue)}`
    case 'enum':
      return notOneOf(node?.enum ?? [])
    case 'pattern':
      return misfit(node, params.pattern)
    case 'minimum':
    case 'maximum':
      return node?.['x-expected'] === undefined ? error.message : `is not ${node['x-expected']}`
    case 'type':
      return node?.enum === undefined ? `is not ${typeInWords(params.type)}` : notOneOf(node.enum)
    case 'format':
      return params.format === 'date-time'
        ? 'is not a time such as 2026-01-31T12:00:00Z'
        : `does not have the format ${params.format}`
    default:
      return error.message
  }
}

function misfit (node: SchemaNode | undefined, pattern: unknown): string {
  const form = node?.['x-expected']
  return form === undefined ? `does not match ${String(pattern)}` : `is not ${form}`
}

function notOneOf (words: readonly unknown[]): string {
  return `is not one of ${words.join(', ')}`
}

function unknownField (schema: SchemaNode, { schemaPath, instancePath }: SchemaError): FieldProblem {
  const known = Object.keys(nodeAt(schema, schemaPath.slice(0, -UNKNOWN.length))?.properties ?? {})
  const path = pathOf(instancePath)
  return { field: fieldName(path), problem: `is not a known field${suggest(path.at(-1)!, known)}` }
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

function pathOf (instancePath: string): string[] {
  return instancePath.split('/').slice(1).map(unescape)
}

function fieldName (path: readonly string[]): string {
  return path.reduce(fieldIn, '')
}

/** Returns the path of a field of the parent, with a long name cut. */
export function fieldIn (parent: string, name: string): string {
  if (name === '') return `${parent}[""]`
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name
  if (/^\d+$/.test(shown)) return `${parent}[${shown}]`
  return parent === '' ? shown : `${parent}.${shown}`
}

function unescape (part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
