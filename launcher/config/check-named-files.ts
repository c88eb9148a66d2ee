// Checks that the files named by the keys of a section exist. A file at its default path may be missing.

import type { TObject } from 'typebox'
import type { Problem } from '../lib/problem.ts'
import { keysOf, type ReadSection } from './conf-section.ts'

export type FileExists = (path: string) => boolean | Promise<boolean>

export async function missingFiles (schema: TObject, section: ReadSection, exists: FileExists): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [key, { mustExist }] of Object.entries(keysOf(schema))) {
    const path = section.values[key]
    if (mustExist !== true || typeof path !== 'string' || section.isDefault(key)) continue
    if (!await exists(path)) {
      problems.push(section.at(key, `names ${path}, which does not exist; create it, or leave this out`))
    }
  }
  return problems
}
