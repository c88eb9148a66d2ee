// Formats the fields of one object, one line per field.

import { escapeControls } from './plain-text.ts'

/** Returns lines `name  value` with aligned values. Objects and arrays are shown as JSON. */
export function formatFacts (facts: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined)
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries
    .map(
      ([name, value]) =>
        `${name.padEnd(width)}  ${escapeControls(typeof value === 'object' ? JSON.stringify(value) : String(value))}\n`
    )
    .join('')
}
