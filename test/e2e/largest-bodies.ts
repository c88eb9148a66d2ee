// Makes the bodies with the most and the longest entries that the limits on bodies allow, for each list and each object
// of a schema, within the schema and beyond it.

import type { Schema } from '../fuzz/schema-arbitrary.ts'
import { least, type Worst } from './worst-requests.ts'

interface Container extends Schema {
  maxItems?: number
  additionalProperties?: unknown
}

/** Names and values of a body, below the launcher's limit. */
const MOST_VALUES = 99_000
/** Bytes of a body, below the default of max-message-size. */
const MOST_BYTES = 5_000_000
/** Levels of a body, below the launcher's limit. */
const DEEPEST = 60

/**
 * Every body with one list or object of `schema` at its largest, by itself and with a required field that is wrong.
 * `start` is the rest of the body, without braces.
 */
export function * largestBodies (schema: Schema, start: string): Generator<Worst> {
  const wrong = (schema.required ?? [])[0]
  for (const { place, kind, text } of [...largestFields(schema, ''), ...everything(schema)]) {
    yield { place, kind, text: `{${start}${text}}` }
    if (wrong !== undefined) yield { place, kind: `${kind}, ${wrong} null`, text: `{${start}${text},"${wrong}":null}` }
  }
}

/** Yields texts that go between the braces of an object. */
function * largestFields (schema: Container, place: string, share = 1): Generator<Worst> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    for (const worst of largestValues(field, place === '' ? name : `${place}.${name}`, share)) {
      yield { ...worst, text: `${JSON.stringify(name)}:${worst.text}` }
    }
  }
  const free = schema.properties === undefined
  for (const { kind, text } of manyMembers(share, free)) {
    yield { place, kind: free ? kind : `${kind}, unknown`, text }
  }
}

function * largestValues (schema: Container, place: string, share: number): Generator<Worst> {
  if (schema.type === 'array') {
    yield * largestLists(schema, place, share)
  } else if (schema.type === 'object') {
    const rest = requiredFields(schema)
    for (const worst of largestFields(schema, place, share)) yield { ...worst, text: `{${rest}${worst.text}}` }
  }
}

function * largestLists (
  { items = {}, maxItems = Infinity }: Container, place: string, share: number
): Generator<Worst> {
  const list = (item: string, most: number): string => {
    const values = 1 + item.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/[^[{,:]/g, '').length
    const count = Math.min(most, MOST_VALUES / share / values, MOST_BYTES / share / (Buffer.byteLength(item) + 1))
    return `[${Array(Math.max(1, Math.floor(count))).fill(item).join()}]`
  }
  for (const item of [least(items), '0', '{}', '[]', '""']) {
    yield { place, kind: `most items ${item}`, text: list(item, Infinity) }
    yield { place, kind: `${maxItems} items ${item}`, text: list(item, maxItems) }
  }
  for (const count of [MOST_VALUES / share, Math.min(maxItems, MOST_VALUES / share)]) {
    const bytes = Math.floor(MOST_BYTES / share / count) - 3
    for (const letter of ['a', '/', '漢', '\\u0000']) {
      const item = longest(items, letter, bytes)
      if (item !== undefined) yield { place, kind: `${count} items of ${letter}`, text: list(item, count) }
    }
  }
  const each = Math.min(maxItems, 1000)
  for (const worst of largestValues(items, `${place}[]`, share * each)) yield { ...worst, text: list(worst.text, each) }
}

/** The item with as long a text as fits in the bytes. */
function longest (schema: Schema, letter: string, bytes: number): string | undefined {
  const text = (room: number): string => `"${letter.repeat(Math.max(1, room / Buffer.byteLength(letter)))}"`
  if (schema.type === 'string') return text(bytes)
  const [name] = Object.entries(schema.properties ?? {}).findLast(([, { type }]) => type === 'string') ?? []
  if (name === undefined) return undefined
  const rest = requiredFields(schema, name)
  return `{${rest}${JSON.stringify(name)}:${text(bytes - Buffer.byteLength(rest) - name.length - 6)}}`
}

/** Members for an object, which may have any names if it is free. */
function * manyMembers (share: number, free: boolean): Generator<{ kind: string, text: string }> {
  const values = Math.floor(MOST_VALUES / share)
  const half = Math.max(1, Math.floor(values / 2))
  const members = (count: number, name: (n: number) => string, value = '1'): string =>
    Array.from({ length: Math.max(1, Math.floor(count)) }, (_, n) => `"${name(n)}":${value}`).join()
  const wide = Math.floor(MOST_BYTES / share / half) - 12
  yield { kind: 'most members', text: members(half, n => `k${n}`) }
  yield { kind: 'most members, numbers as names', text: members(half, n => `${n * 7919}`) }
  yield { kind: 'most members, long names', text: members(half, n => `${n}`.padEnd(Math.max(8, wide), 'k')) }
  yield { kind: 'few members, long names', text: members(Math.min(100, half), n => '/'.repeat(40_000 / share) + n) }
  if (!free) return
  yield { kind: 'most members, long values', text: members(half, n => `${n}`, `"${'v'.repeat(Math.max(1, wide))}"`) }
  yield { kind: 'most objects', text: `"a":[${Array(half).fill('{}').join()}]` }
  // The parser searches all of a body that has this name for names that change prototypes.
  yield { kind: 'most members and a constructor', text: `${members(half - 9, n => `k${n}`)},"constructor":1` }
  yield { kind: 'most members in objects', text: members(values / 4, n => `k${n}`, '{"a":1}') }
  yield { kind: 'most lists', text: `"a":[${Array(Math.floor(values / 2)).fill('[]').join()}]` }
  const deep = `${'{"a":'.repeat(DEEPEST)}1${'}'.repeat(DEEPEST)}`
  yield { kind: 'deep objects', text: members(values / (2 * DEEPEST + 2), n => `k${n}`, deep) }
  const lists = '['.repeat(DEEPEST) + ']'.repeat(DEEPEST)
  yield { kind: 'deep lists', text: members(values / (DEEPEST + 2), n => `k${n}`, lists) }
}

/** Every list of the schema with as many valid items as it may have, but at most its share of all names and values. */
function * everything (schema: Schema): Generator<Worst> {
  const full = (each: Container): string => {
    if (each.type === 'array') {
      return `[${Array(Math.min(each.maxItems ?? 100, 10_000)).fill(full(each.items ?? {})).join()}]`
    }
    if (each.type !== 'object') return least(each)
    return `{${Object.entries(each.properties ?? {}).map(([name, field]) => `"${name}":${full(field)}`).join()}}`
  }
  const lists = Object.entries(schema.properties ?? {}).filter(([, { type }]) => type === 'array' || type === 'object')
  if (lists.length === 0) return
  yield { place: '', kind: 'all lists full', text: lists.map(([name, field]) => `"${name}":${full(field)}`).join() }
}

/** The required fields of an object, with a comma behind each. */
function requiredFields ({ required = [], properties = {} }: Schema, except?: string): string {
  return required.filter(name => name !== except).map(name => `"${name}":${least(properties[name]!)},`).join('')
}
