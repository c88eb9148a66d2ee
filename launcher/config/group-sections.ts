// Groups the sections of a conf file by name and reports unexpected ones.

import { suggest } from '../lib/closest-match.ts'
import type { Problem } from '../lib/problem.ts'
import type { IniSection } from '../lib/read-ini.ts'

export interface ExpectedSections {
  /** Names of sections that may occur once. */
  readonly once: readonly string[]
  /** Names of sections that may occur any number of times. */
  readonly repeated: readonly string[]
}

/** Returns the known sections by name, in their order. Adds what is wrong to `problems`. */
export function groupSections (
  file: string, sections: readonly IniSection[], { once, repeated }: ExpectedSections, problems: Problem[]
): ReadonlyMap<string, readonly IniSection[]> {
  const known = [...once, ...repeated]
  const grouped = new Map<string, IniSection[]>(known.map(name => [name, []]))
  for (const section of sections) {
    const { name, line } = section
    const sameName = grouped.get(name)
    if (sameName === undefined) {
      const suggestion = suggest(name, known, match => `[${match}]`)
      problems.push({ file, line, key: `[${name}]`, problem: `is not a known section${suggestion}` })
    } else if (sameName.length > 0 && once.includes(name)) {
      problems.push({ file, line, key: `[${name}]`, problem: `is already defined in line ${sameName[0]!.line}` })
    } else {
      sameName.push(section)
    }
  }
  return grouped
}
