// Finds text of a body that is not Unicode: bytes that are not UTF-8, and escapes of half a character such as \ud800,
// which strict readers of JSON refuse.

import { isUtf8 } from 'node:buffer'
import { fieldIn } from '../lib/check.ts'
import { incompleteTail } from './output-events.ts'

/** A noncharacter: no text has it by chance. */
const MARK = '\u{10FFFF}'
const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '[': ']' }

/**
 * Returns the path of the first text that has a half of a character, such as `environment[0].value`. A name of a field
 * counts as its own text. Calls itself for each level of the value.
 */
export function halfCharacterField (value: unknown): string | undefined {
  // To make all the paths would hold the event loop.
  return hasHalfCharacter(value) ? fieldWith(value, text => !text.isWellFormed()) : undefined
}

function hasHalfCharacter (value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasHalfCharacter)
  for (const name in value) {
    if (!name.isWellFormed() || hasHalfCharacter((value as Record<string, unknown>)[name])) return true
  }
  return false
}

/**
 * Returns the path of the text with the first byte that is not UTF-8, or undefined if the bytes before it do not begin
 * a JSON text with it.
 */
export function fieldOfInvalidByte (bytes: Buffer): string | undefined {
  const before = validPrefix(bytes)
  const closers = openLevels(before)
  for (const end of ['"', '":0']) {
    try {
      return fieldWith(JSON.parse(before + MARK + end + closers), text => text.includes(MARK))
    } catch {
      // The byte is in a name instead of a value, or outside of texts.
    }
  }
  return undefined
}

function fieldWith (value: unknown, isWrong: (text: string) => boolean, path = ''): string | undefined {
  if (typeof value === 'string') return isWrong(value) ? path : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const field = fieldIn(path, name.toWellFormed().replaceAll(MARK, '\uFFFD'))
    if (isWrong(name)) return field
    const found = fieldWith(inner, isWrong, field)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns what is before the first byte that is not UTF-8. */
function validPrefix (bytes: Buffer): string {
  let valid = 0
  let end = bytes.length
  while (valid < end) {
    const middle = Math.ceil((valid + end) / 2)
    if (isUtf8(withoutTail(bytes.subarray(0, middle)))) valid = middle
    else end = middle - 1
  }
  return withoutTail(bytes.subarray(0, valid)).toString()
}

function withoutTail (bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - incompleteTail(bytes))
}

/** Returns what closes the lists and objects that the beginning of a JSON text opens. */
function openLevels (json: string): string {
  const open: string[] = []
  for (const [mark] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    const closer = CLOSERS[mark]
    if (closer !== undefined) open.push(closer)
    else if (mark === ']' || mark === '}') open.pop()
  }
  return open.reverse().join('')
}
