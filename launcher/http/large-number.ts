// Finds numbers of a body that are too large for a double, which JSON.parse reads as Infinity and JSON has no word for.

import { fieldIn } from '../lib/check.ts'

/** Returns the path of the first such number. Calls itself for each level of the value. */
export function largeNumberField (value: unknown, path: readonly string[] = []): string | undefined {
  if (value === Infinity || value === -Infinity) return path.reduce(fieldIn, '')
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' && typeof inner !== 'number') continue
    const found = largeNumberField(inner, [...path, name])
    if (found !== undefined) return found
  }
  return undefined
}
