// Lays out the facts of one thing, a line for each.

import { escapeControls } from './plain-text.ts'

/** `name  value` with the values in line; what is no plain text, number or boolean is shown as JSON. */
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
