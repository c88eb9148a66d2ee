// Measures how much a job has written to its standard output and error. Looks at no path that the job's user controls:
// a file system that hangs would stop the launcher.

import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { firstChildOf } from './first-child.ts'

const STDOUT = 1
const STDERR = 2

/**
 * Returns the bytes of both streams together. For a file that the job chose, it is the position of the program's
 * descriptor: what was written to it in sequence.
 */
export function outputBytes (
  folder: string,
  { stdoutFile, stderrFile }: Pick<JobSubmission, 'stdoutFile' | 'stderrFile'>,
  supervisorPid: number
): number {
  const kept = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0
  const stdout = stdoutFile === undefined ? kept('stdout') : position(supervisorPid, STDOUT)
  if (stderrFile !== undefined && stderrFile === stdoutFile) return stdout
  return stdout + (stderrFile === undefined ? kept('stderr') : position(supervisorPid, STDERR))
}

/** Returns 0 if the program has no such file open, and for a device such as /dev/null, which keeps nothing. */
function position (supervisorPid: number, descriptor: number): number {
  try {
    const pid = firstChildOf(supervisorPid)
    const path = readlinkSync(`/proc/${pid}/fd/${descriptor}`)
    if (path.startsWith('/dev/') && !path.startsWith('/dev/shm/')) return 0
    return Number(/^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
