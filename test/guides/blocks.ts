// The texts that a guide shows as they are: commands, files and what programs say.

import { readFileSync } from 'node:fs'

/** Without their indentation, in the order of the guide. */
export function blocksOf (guide: string): string[] {
  const text = readFileSync(new URL(`../../docs/guide/${guide}`, import.meta.url), 'utf8')
  return Array.from(text.matchAll(/^(?: {4}.*\n|\n(?= {4}))+/gm), ([block]) => block.replace(/^ {4}/gm, '').trim())
}

/**
 * The files among them: those begin with a comment that has their path, which is their first line where a file can have
 * comments.
 */
export function filesOf (blocks: readonly string[]): Record<string, string> {
  const parts = blocks.flatMap(block => block.split(/^(?=# \/etc\/\S+$)/m)).filter(part => part.startsWith('# /etc/'))
  return Object.fromEntries(parts.map(part => {
    const [, name, rest] = /^# (\S+)\n([^]*)$/.exec(part)!
    return [name, name!.endsWith('.json') ? rest : part]
  }))
}
