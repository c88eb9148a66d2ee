// Sorts the sections of a conf file by name and refuses those that should not be there.

import { closestMatch } from '../lib/closest-match.ts'
import type { Problem } from '../lib/problem.ts'
import type { IniSection } from '../lib/read-ini.ts'

export interface ExpectedSections {
  /** Names of sections that may stand once. */
  readonly once: readonly string[]
  /** Names of sections that may stand any number of times. */
  readonly repeated: readonly string[]
}

/** The known sections by name, in their order. What is wrong is added to `problems`. */
export function groupSections (
  file: string, sections: readonly IniSection[], { once, repeated }: ExpectedSections, problems: Problem[]
): ReadonlyMap<string, readonly IniSection[]> {
  const known = [...once, ...repeated]
  const taken = new Map<string, IniSection[]>(known.map(name => [name, []]))
  for (const section of sections) {
    const { name, line } = section
    const same = taken.get(name)
    if (same === undefined) {
      const near = closestMatch(name, known)
      problems.push({
        file,
        line,
        key: `[${name}]`,
        problem: `is not a known section${near === undefined ? '' : `; did you mean [${near}]?`}`
      })
    } else if (same.length > 0 && once.includes(name)) {
      problems.push({ file, line, key: `[${name}]`, problem: `is already defined in line ${same[0]!.line}` })
    } else {
      same.push(section)
    }
  }
  return taken
}
