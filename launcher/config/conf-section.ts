// Reads one section of a conf file by its schema: converts, fills in defaults, and reports what is wrong with each
// line.

import type { TObject, TSchema } from 'typebox'
import { BOOLEAN_FORM, parseBoolean } from '../lib/boolean.ts'
import { checker } from '../lib/check.ts'
import { suggest } from '../lib/closest-match.ts'
import { parseSize, SIZE_FORM } from '../lib/size.ts'
import type { Problem } from '../lib/problem.ts'
import type { IniSection } from '../lib/read-ini.ts'
import type { ConfKey } from '../model/conf-key.ts'

export interface SectionSource {
  readonly file: string
  /** Undefined when the file or the section is missing: every key has its default. */
  readonly section: IniSection | undefined
  /** Values of {name} in defaults, in addition to the section's own keys. */
  readonly names: Readonly<Record<string, string>>
}

export interface ReadSection {
  /** Values by key. They may be used only if there are no problems. */
  readonly values: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
  /** Returns a problem of this section at the line of `key`, or at the section's line if the key has none. */
  readonly at: (key: string, problem: string) => Problem
  /** Returns the line that sets the key. */
  readonly lineOf: (key: string) => number | undefined
  /** Returns whether the value equals the key's default, even if the file sets it. */
  readonly isDefault: (key: string) => boolean
}

/** Returns the schemas of a section's keys by name. */
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
    const read = known
      ? convert(keys[key]!, text)
      : { problem: `is not a known key${suggest(key, Object.keys(keys))}` }
    if ('value' in read) {
      values[key] = read.value
    } else {
      problems.push(at(key, read.problem))
      unreadable.add(key)
    }
  }
  fillDefaults(keys, values, names, unreadable)
  for (const { field, problem } of checker(schema)(values).problems) {
    const key = field.split('[', 1)[0]!
    // A default can be invalid only if it is made from an invalid key, whose own problem is reported.
    const isDefault = !lines.has(key) && keys[key]!.default !== undefined
    if (!unreadable.has(key) && !isDefault) problems.push({ ...at(key, withValue(problem, values[key])), key: field })
  }
  const isDefault = (key: string): boolean => {
    const value = keys[key]?.default
    return values[key] === (typeof value === 'string' ? expand(value, { ...values, ...names }) : value)
  }
  return { values, problems, at, lineOf: key => lines.get(key), isDefault }
}

function convert (schema: ConfKey, text: string): { value: unknown } | { problem: string } {
  if (text === '') return { problem: 'has no value; leave it out to take the default' }
  const shown = JSON.stringify(text)
  if (schema.unit === 'bytes') return orProblem(parseSize(text), `is not ${SIZE_FORM}: ${shown}`)
  switch (schema.type) {
    case 'boolean':
      return orProblem(parseBoolean(text), `is not ${BOOLEAN_FORM}: ${shown}`)
    case 'integer':
      return orProblem(/^-?\d+$/.test(text) ? Number(text) : undefined, `is not a whole number: ${shown}`)
    case 'number':
      return orProblem(
        /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined,
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

/** Fills in defaults that name other keys last. Leaves out a default that names a key without a value. */
function fillDefaults (
  keys: Readonly<Record<string, ConfKey>>,
  values: Record<string, unknown>,
  names: Readonly<Record<string, string>>,
  unreadable: ReadonlySet<string>
): void {
  const missing = Object.entries(keys).filter(
    ([key, schema]) => values[key] === undefined && schema.default !== undefined && !unreadable.has(key)
  )
  const isTemplate = (value: unknown): value is string => typeof value === 'string' && /\{[^{}]+\}/.test(value)
  for (const [key, schema] of missing) if (!isTemplate(schema.default)) values[key] = schema.default
  for (const [key, schema] of missing) {
    if (isTemplate(schema.default)) values[key] = expand(schema.default, { ...values, ...names })
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
