// Formats a finding of `doctor` as text.

import type { PlacedFinding } from '../doctor/run-checks.ts'
import { escapeControls } from './plain-text.ts'

const STATE_WIDTH = 'missing'.length + 2
/** As wide as the longest id of a check. A longer id is not truncated. */
const CHECK_WIDTH = 'image-pull-secrets'.length + 2
const COLOURS = { ok: '32', missing: '31', warning: '33', skipped: '2' } as const

/** Returns one line, then the further lines of the message and those of `help`, indented. Ends with a newline. */
export function findingText ({ check, state, message, help }: PlacedFinding, colours: boolean): string {
  const shown = state.padEnd(STATE_WIDTH)
  const [first = '', ...more] = message.split('\n')
  const below = [...more, ...(help === undefined ? [] : help.split('\n'))].map(
    line => `${' '.repeat(STATE_WIDTH)}${escapeControls(line)}\n`
  )
  const coloured = colours ? `\x1b[${COLOURS[state]}m${shown}\x1b[0m` : shown
  return `${coloured}${check.padEnd(CHECK_WIDTH)}${escapeControls(first)}\n${below.join('')}`
}
