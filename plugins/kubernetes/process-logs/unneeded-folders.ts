// Decides which folders of process logs are unneeded: those whose job was removed while they could not be, or whose
// start a crash cut short. Pure.

import { jobIdOfFolder } from './folder-name.ts'
import { PROBE_PREFIX } from './log-folder.ts'

/**
 * Returns those of the names in the launcher instance's own folder that are unneeded. No check of the data may be in
 * progress. A name of another form is not the launcher's.
 */
export function unneededFolders (names: readonly string[], isNeeded: (jobId: string) => boolean): string[] {
  return names.filter(name => {
    if (name.startsWith(PROBE_PREFIX)) return true
    const id = jobIdOfFolder(name)
    return id !== undefined && !isNeeded(id)
  })
}
