// The texts that a guide shows verbatim: commands, files and output of programs.

import { readFileSync } from 'node:fs'

/** Without their indentation, in the order of the guide. */
export function blocksOf (guide: string): string[] {
  const text = readFileSync(new URL(`../../docs/guide/${guide}`, import.meta.url), 'utf8')
  return Array.from(text.matchAll(/^(?: {4}.*\n|\n(?= {4}))+/gm), ([block]) => block.replace(/^ {4}/gm, '').trim())
}

/**
 * The files among the blocks. A file begins with a comment that has its path; the comment is part of the file if its
 * format has comments.
 */
export function filesOf (blocks: readonly string[]): Record<string, string> {
  const parts = blocks.flatMap(block => block.split(/^(?=# \/etc\/\S+$)/m)).filter(part => part.startsWith('# /etc/'))
  return Object.fromEntries(parts.map(part => {
    const [, name, rest] = /^# (\S+)\n([^]*)$/.exec(part)!
    return [name, name!.endsWith('.json') ? rest : part]
  }))
}
