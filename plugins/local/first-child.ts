// Finds the process that becomes a job's program: the first child of the supervisor.

import { readFileSync } from 'node:fs'

/** Throws system errors. Returns an empty text if the supervisor has no child. */
export function firstChildOf (supervisorPid: number): string {
  return readFileSync(`/proc/${supervisorPid}/task/${supervisorPid}/children`, 'latin1').split(' ', 1)[0]!
}
