// Reads JSON pointers (RFC 6901), and sets a value at a pointer. Pure.

import { mapOf, type TracedValue } from './traced-value.ts'

/** Returns the tokens of a pointer, or undefined if the text is not a pointer. */
export function readPointer (text: string): readonly string[] | undefined {
  if (text !== '' && !text.startsWith('/')) return undefined
  if (/~(?![01])/.test(text)) return undefined
  return text.split('/').slice(1).map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function pointerOf (tokens: ReadonlyArray<string | number>): string {
  return tokens.map(token => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Whether the token can be the index of a list item; `-` stands for a new item after the last. */
export function isIndex (token: string): boolean {
  return token === '-' || /^(0|[1-9]\d*)$/.test(token)
}

/**
 * Returns `object` with the value at the pointer, added or replaced. Missing objects on the path are created, and a
 * missing list if the pointer ends in `-`. A missing item is a problem. `problem` completes the sentence "POINTER …".
 */
export function setAt (
  object: TracedValue,
  tokens: readonly string[],
  value: TracedValue
): { value: TracedValue } | { problem: string } {
  return setIn(object, tokens, value, [])
}

function setIn (
  object: TracedValue | undefined,
  [token, ...rest]: readonly string[],
  value: TracedValue,
  path: readonly string[]
): { value: TracedValue } | { problem: string } {
  if (token === undefined) return { value }
  const parentPointer = pointerOf(path)
  const missing = object === undefined
  if (missing && isIndex(token) && !(token === '-' && rest.length === 0)) {
    return { problem: `names an item of ${parentPointer}, which does not exist` }
  }
  const target: TracedValue =
    object ?? (token === '-' ? { kind: 'list', items: [], source: value.source } : mapOf([], value))
  if (target.kind === 'leaf') return { problem: `continues below ${parentPointer}, which is a value without parts` }
  if (target.kind === 'map') {
    const inner = setIn(target.entries.get(token), rest, value, [...path, token])
    return 'problem' in inner
      ? inner
      : { value: { ...target, entries: new Map([...target.entries, [token, inner.value]]) } }
  }
  if (token === '-') {
    return rest.length === 0
      ? { value: { ...target, items: [...target.items, value] } }
      : { problem: `continues below -, which is a new item of ${parentPointer}` }
  }
  const index = Number(token)
  const item = isIndex(token) ? target.items[index] : undefined
  if (item === undefined) {
    return { problem: `names item ${token} of ${parentPointer}, whose length is ${target.items.length}; - appends one` }
  }
  const inner = setIn(item, rest, value, [...path, token])
  return 'problem' in inner ? inner : { value: { ...target, items: target.items.with(index, inner.value) } }
}
