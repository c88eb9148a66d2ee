// Reads one section of a conf file by its schema: converts, fills in defaults, and reports what is wrong with each
// line.

import type { TObject, TSchema } from 'typebox'
import { BOOLEAN_FORM, parseBoolean } from '../lib/boolean.ts'
import { checker } from '../lib/check.ts'
import { closestMatch } from '../lib/closest-match.ts'
import { parseSize, SIZE_FORM } from '../lib/size.ts'
import type { Problem } from '../lib/problem.ts'
import type { IniSection } from '../lib/read-ini.ts'
import type { ConfKey } from '../model/conf-key.ts'

export interface SectionSource {
  readonly file: string
  /** Undefined when the file or the section is missing: every key has its default. */
  readonly section: IniSection | undefined
  /** What stands for {name} in defaults, beside the section's own keys. */
  readonly names: Readonly<Record<string, string>>
}

export interface ReadSection {
  /** Values by key. Trustworthy only if no problem was found. */
  readonly values: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
  /** A problem of this section at the line of `key`, or of the section if the key has no line. */
  readonly at: (key: string, problem: string) => Problem
  /** Whether the value is the key's default, given or not. */
  readonly isDefault: (key: string) => boolean
}

/** The schemas of a section's keys by name. */
export function keysOf (schema: TObject): Readonly<Record<string, ConfKey>> {
  return schema.properties as Record<string, TSchema & ConfKey>
}

export function readSection (schema: TObject, { file, section, names }: SectionSource): ReadSection {
  const keys = keysOf(schema)
  const problems: Problem[] = []
  const values: Record<string, unknown> = {}
  const lines = new Map(section?.entries.map(entry => [entry.key, entry.line]))
  const at = (key: string, problem: string): Problem => {
    const line = lines.get(key) ?? section?.line
    return { file, ...(line !== undefined && { line }), key, problem }
  }

  const unreadable = new Set<string>()
  for (const { key, value: text } of section?.entries ?? []) {
    const known = Object.hasOwn(keys, key)
    const read = known ? convert(keys[key]!, text) : { problem: unknownKey(key, Object.keys(keys)) }
    if ('value' in read) {
      values[key] = read.value
    } else {
      problems.push(at(key, read.problem))
      unreadable.add(key)
    }
  }
  fillDefaults(keys, values, names, unreadable)
  for (const { field, problem } of checker(schema)(values).complaints) {
    const key = field.split('[', 1)[0]!
    // A default can be wrong only if it is made from a key that is wrong, and that key has its own problem.
    const isDefault = !lines.has(key) && keys[key]!.default !== undefined
    if (!unreadable.has(key) && !isDefault) problems.push({ ...at(key, withValue(problem, values[key])), key: field })
  }
  const isDefault = (key: string): boolean => {
    const value = keys[key]?.default
    return values[key] === (typeof value === 'string' ? expand(value, { ...values, ...names }) : value)
  }
  return { values, problems, at, isDefault }
}

function convert (schema: ConfKey, text: string): { value: unknown } | { problem: string } {
  if (text === '') return { problem: 'has no value; leave it out to take the default' }
  const shown = JSON.stringify(text)
  if (schema.unit === 'bytes') return orProblem(parseSize(text), `is not ${SIZE_FORM}: ${shown}`)
  switch (schema.type) {
    case 'boolean':
      return orProblem(parseBoolean(text), `is not ${BOOLEAN_FORM}: ${shown}`)
    case 'integer':
      return orProblem(/^[+-]?\d+$/.test(text) ? Number(text) : undefined, `is not a whole number: ${shown}`)
    case 'number':
      return orProblem(
        /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined,
        `is not a number: ${shown}`
      )
    case 'array':
      return { value: text.split(',').map(item => item.trim()) }
    default:
      return { value: text }
  }
}

function orProblem<T> (value: T | undefined, problem: string): { value: T } | { problem: string } {
  return value === undefined ? { problem } : { value }
}

function unknownKey (key: string, known: string[]): string {
  const near = closestMatch(key, known)
  return `is not a known key${near === undefined ? '' : `; did you mean ${near}?`}`
}

/** Defaults that name other keys come last; one that names a key without a value stays out. */
function fillDefaults (
  keys: Readonly<Record<string, ConfKey>>,
  values: Record<string, unknown>,
  names: Readonly<Record<string, string>>,
  unreadable: ReadonlySet<string>
): void {
  const missing = Object.entries(keys).filter(
    ([key, schema]) => values[key] === undefined && schema.default !== undefined && !unreadable.has(key)
  )
  const named = (value: unknown): value is string => typeof value === 'string' && /\{[^{}]+\}/.test(value)
  for (const [key, schema] of missing) if (!named(schema.default)) values[key] = schema.default
  for (const [key, schema] of missing) {
    if (named(schema.default)) values[key] = expand(schema.default, { ...values, ...names })
  }
}

function expand (text: string, names: Readonly<Record<string, unknown>>): string | undefined {
  const wanted = Array.from(text.matchAll(/\{([^{}]+)\}/g), match => match[1]!)
  if (wanted.some(name => names[name] === undefined)) return undefined
  return text.replace(/\{([^{}]+)\}/g, (_, name: string) => String(names[name]))
}

function withValue (problem: string, value: unknown): string {
  return value === undefined || Array.isArray(value) ? problem : `${problem}: ${JSON.stringify(value)}`
}
