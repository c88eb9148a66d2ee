// Makes the worst requests that a schema and the limit on bodies allow: for each field the longest, the most, the
// deepest and what a pattern is slowest at, within the schema and beyond it.

import type { Schema } from '../fuzz/schema-arbitrary.ts'

/** A value at one place of a body, and what is wrong or extreme about it. */
export interface Worst {
  readonly place: string
  readonly kind: string
  readonly text: string
}

/** Bytes of a body, below the default of max-message-size. */
const BODY_BYTES = 5_100_000

/** Text that fits and text that does not, each of which some careless pattern is quadratic in. */
const REPEATED = ['/', 'a-', ' ', '.', '\\u0000', '漢', '[']

/** Every body with one field of `schema` at its worst; `start` is the rest of the body, without braces. */
export function * worstBodies (schema: Schema, start: string): Generator<Worst> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    for (const { place, kind, text } of worstValues(field, name, BODY_BYTES)) {
      yield { place, kind, text: `{${start}${JSON.stringify(name)}:${text}}` }
    }
  }
  for (const { kind, text } of worstMembers(BODY_BYTES)) yield { place: '', kind, text: `{${start}${text}}` }
  const depth = Math.floor(BODY_BYTES / 8)
  yield {
    place: '',
    kind: 'nested without end',
    text: `{${start}"a":${'{"a":'.repeat(depth)}1${'}'.repeat(depth + 1)}`
  }
  const lists = Math.floor(BODY_BYTES / 2) - 100
  yield { place: '', kind: 'lists without end', text: `{${start}"a":${'['.repeat(lists)}${']'.repeat(lists)}}` }
  yield { place: '', kind: 'a list as body', text: `[${'0,'.repeat(BODY_BYTES / 2)}0]` }
  yield { place: '', kind: 'a string as body', text: JSON.stringify('a'.repeat(BODY_BYTES)) }
  yield { place: '', kind: 'blanks', text: ' '.repeat(BODY_BYTES) + `{${start}"a":1}` }
}

function * worstValues (schema: Schema, place: string, bytes: number): Generator<Worst> {
  const one = (kind: string, text: string): Worst => ({ place, kind, text })
  if (schema.type === 'string') {
    for (const piece of REPEATED) {
      const size = Buffer.byteLength(piece)
      const most = Math.floor(Math.min(schema.maxLength ?? Infinity, bytes / size))
      const letter = schema.pattern?.startsWith('^/') === true ? '/' : ''
      const count = Math.max(1, most / unescaped(piece).length - 2)
      yield one(`${JSON.stringify(piece)} repeated, then another`, `"${letter}${piece.repeat(count)}!"`)
    }
    yield one('too long', `"${'a'.repeat(bytes)}"`)
    yield one('too long, escaped', `"${'\\u0041'.repeat(bytes / 6)}"`)
    return
  }
  if (schema.type === 'array') {
    yield * worstLists(schema, place, bytes)
    return
  }
  if (schema.type === 'object') {
    for (const { kind, text } of worstMembers(bytes)) yield one(kind, `{${text}}`)
    yield one('deep lists', `{"a":${'['.repeat(60)}${']'.repeat(60)}}`)
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      for (const worst of worstValues(field, `${place}.${name}`, bytes)) {
        yield { ...worst, text: `{${JSON.stringify(name)}:${worst.text}}` }
      }
    }
    return
  }
  yield one('a list instead', `[${'0,'.repeat(bytes / 2)}0]`)
  yield one('a number of many digits', '1'.repeat(bytes))
}

function * worstLists (schema: Schema & { maxItems?: number }, place: string, bytes: number): Generator<Worst> {
  const { items = {}, maxItems = Infinity } = schema
  const list = (item: string, most: number): string => {
    const count = Math.max(1, Math.min(most, Math.floor(bytes / (Buffer.byteLength(item) + 1))))
    return `[${`${item},`.repeat(count - 1)}${item}]`
  }
  for (const wrong of ['0', '""', '{}', 'null', '[]']) {
    yield { place, kind: `as many ${wrong} as fit`, text: list(wrong, Infinity) }
    yield { place, kind: `${maxItems} of ${wrong}`, text: list(wrong, maxItems) }
  }
  const each = Math.floor(bytes / Math.min(maxItems, 10_000)) - 64
  for (const worst of worstValues(items, `${place}[]`, Math.max(16, each))) {
    yield { ...worst, kind: `${worst.kind}, in each item`, text: list(full(items, worst), maxItems) }
  }
}

/** An item has what it must have beside the field that is at its worst. */
function full (items: Schema, { place, text }: Worst): string {
  if (items.type !== 'object' || items.properties === undefined) return text
  const field = place.slice(place.lastIndexOf('.') + 1)
  const others = (items.required ?? []).filter(name => name !== field)
  const rest = others.map(name => `,${JSON.stringify(name)}:${least(items.properties![name]!)}`).join('')
  return `${text.slice(0, -1)}${text === '{}' ? rest.slice(1) : rest}}`
}

export function least (schema: Schema): string {
  if (schema.enum !== undefined) return JSON.stringify(schema.enum[0])
  switch (schema.type) {
    case 'string': return schema.pattern?.startsWith('^/') === true ? '"/a"' : '"a"'
    case 'integer': case 'number': return String(schema.minimum ?? 1)
    case 'boolean': return 'true'
    case 'array': return '[]'
    default: return '{}'
  }
}

function * worstMembers (bytes: number): Generator<{ kind: string, text: string }> {
  yield { kind: 'an unknown name as long as fits', text: `"${'a'.repeat(Math.max(1, bytes - 16))}":1` }
  yield { kind: 'an unknown name of slashes', text: `"${'/'.repeat(Math.max(1, bytes - 16))}":1` }
  const count = Math.max(1, Math.floor(bytes / 14))
  const escaped = Math.max(1, Math.floor(bytes / 2020))
  yield {
    kind: 'unknown names that have to be escaped',
    text: Array.from({ length: escaped }, (_, n) => `"${'/'.repeat(2000)}${n}":1`).join(',')
  }
  yield { kind: 'unknown fields', text: Array.from({ length: count }, (_, n) => `"f${n}":1`).join(',') }
  yield { kind: 'a value as long as fits', text: `"a":"${'a'.repeat(Math.max(1, bytes - 16))}"` }
  yield { kind: 'a long list', text: `"a":[${'0,'.repeat(Math.max(1, bytes / 2 - 16))}0]` }
  yield { kind: 'many empty objects', text: `"a":[${'{},'.repeat(Math.max(1, bytes / 3 - 16))}{}]` }
}

function unescaped (piece: string): string {
  return JSON.parse(`"${piece}"`) as string
}
