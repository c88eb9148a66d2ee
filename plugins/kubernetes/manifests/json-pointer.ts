// Reads JSON pointers (RFC 6901) and puts a value where one points to. Pure.

import { mapOf, type TracedValue } from './traced-value.ts'

/** The steps of a pointer; undefined when the text is none. */
export function readPointer (text: string): readonly string[] | undefined {
  if (text !== '' && !text.startsWith('/')) return undefined
  if (/~(?![01])/.test(text)) return undefined
  return text.split('/').slice(1).map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function pointerOf (tokens: ReadonlyArray<string | number>): string {
  return tokens.map(token => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Whether the step is an item of a list; `-` is the one after its last. */
export function isIndex (token: string): boolean {
  return token === '-' || /^(0|[1-9]\d*)$/.test(token)
}

/**
 * `within` with the value at the pointer: in the place of what is there, or new. Objects on the way that are not there
 * are made, and a list where `-` ends the pointer; an item that is not there is a problem, which ends the sentence
 * "POINTER …".
 */
export function placed (
  within: TracedValue,
  tokens: readonly string[],
  value: TracedValue
): { piece: TracedValue } | { problem: string } {
  return place(within, tokens, value, [])
}

function place (
  within: TracedValue | undefined,
  [token, ...rest]: readonly string[],
  value: TracedValue,
  way: readonly string[]
): { piece: TracedValue } | { problem: string } {
  if (token === undefined) return { piece: value }
  const here = pointerOf(way)
  const missing = within === undefined
  if (missing && isIndex(token) && !(token === '-' && rest.length === 0)) {
    return { problem: `names an item of ${here}, which is not there` }
  }
  const into: TracedValue =
    within ?? (token === '-' ? { kind: 'list', items: [], source: value.source } : mapOf([], value))
  if (into.kind === 'leaf') return { problem: `goes on behind ${here}, which is a value` }
  if (into.kind === 'map') {
    const inner = place(into.entries.get(token), rest, value, [...way, token])
    return 'problem' in inner
      ? inner
      : { piece: { ...into, entries: new Map([...into.entries, [token, inner.piece]]) } }
  }
  if (token === '-') {
    return rest.length === 0
      ? { piece: { ...into, items: [...into.items, value] } }
      : { problem: `goes on behind -, which is a new item of ${here}` }
  }
  const index = Number(token)
  const item = isIndex(token) ? into.items[index] : undefined
  if (item === undefined) {
    return { problem: `names the item ${token} of ${here}, which has ${into.items.length}; - appends one` }
  }
  const inner = place(item, rest, value, [...way, token])
  return 'problem' in inner ? inner : { piece: { ...into, items: into.items.with(index, inner.piece) } }
}
