// Which files a file imports.

import { posix } from 'node:path'

/** Name of a file to the names of the files that it imports; type imports count. */
export type Graph = ReadonlyMap<string, readonly string[]>

/** The specifiers after `from`, in a bare `import`, and in `import(…)`, which a type may be, too. */
export function specifiersOf (text: string): string[] {
  return Array.from(
    text.matchAll(/^(?:(?:import|export)\b[^'"`;]*?\sfrom|import|\} from) '([^']+)'|\bimport\('([^']+)'\)/gm),
    match => (match[1] ?? match[2])!
  )
}

/** Only imports of files in `texts` count. */
export function graphOf (texts: ReadonlyMap<string, string>): Graph {
  return new Map(
    Array.from(texts, ([name, text]) => [
      name,
      specifiersOf(text)
        .filter(specifier => specifier.startsWith('.'))
        .map(specifier => posix.join(posix.dirname(name), specifier))
        .filter(imported => texts.has(imported))
    ])
  )
}
