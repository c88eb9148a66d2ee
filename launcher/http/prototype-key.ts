// Finds keys of a body that a careless merge of objects would take for a prototype.

import { fieldIn } from '../lib/check.ts'

interface PrototypeKey {
  /** Path such as `metadata.a[1].__proto__`. */
  readonly field: string
  /** The key in words. */
  readonly key: string
}

const KEYS = ['__proto__', 'constructor']

/** Whether the JSON text, which has no escape in place of a character, may have such a key. */
export function mayHavePrototypeKey (json: Buffer): boolean {
  return KEYS.some(key => json.includes(key))
}

/**
 * Returns the first key `__proto__`, or `constructor` with `prototype` inside it. Calls itself for each level of the
 * value.
 */
export function prototypeKey (value: unknown, path: readonly string[] = []): PrototypeKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const key = keyInWords(name, inner)
    if (key !== undefined) return { field: [...path, name].reduce(fieldIn, ''), key }
    if (typeof inner !== 'object' || inner === null) continue
    const found = prototypeKey(inner, [...path, name])
    if (found !== undefined) return found
  }
  return undefined
}

function keyInWords (name: string, value: unknown): string | undefined {
  if (name === '__proto__') return '__proto__'
  if (name !== 'constructor' || typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, 'prototype') ? 'constructor with prototype inside it' : undefined
}
