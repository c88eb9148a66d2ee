// The files that a job chose for its output: paths in its container, inside its data mounts. Pure.

import { join, posix } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { DataMount } from './data-mounts.ts'

export const CHOSEN_FIELDS = { stdout: 'stdoutFile', stderr: 'stderrFile' } as const

type Submission = Pick<JobSubmission, 'stdoutFile' | 'stderrFile' | 'dataMounts'>

/** The path of the file relative to the data of the host. Undefined if the job chose none for this stream. */
export function chosenOutput (submission: Submission, stream: keyof typeof CHOSEN_FIELDS): string | undefined {
  const file = submission[CHOSEN_FIELDS[stream]]
  if (file === undefined) return undefined
  const { mount, rest } = mountOf(file, submission.dataMounts)!
  return join(mount.path, rest)
}

/** The folder that the container mounts and that has the file, relative to the data of the host. */
export function chosenMount (submission: Submission, stream: keyof typeof CHOSEN_FIELDS): string | undefined {
  const file = submission[CHOSEN_FIELDS[stream]]
  return file === undefined ? undefined : mountOf(file, submission.dataMounts)!.mount.path
}

/** Throws DataPathNotAllowed, which names the field. */
export function checkChosenOutput (submission: Submission): void {
  for (const field of Object.values(CHOSEN_FIELDS)) {
    const file = submission[field]
    if (file === undefined) continue
    const problem = problemOf(file, submission.dataMounts)
    if (problem === undefined) continue
    throw new LauncherError('DataPathNotAllowed', `${field} ${problem}: ${JSON.stringify(file)}`, { field })
  }
}

function problemOf (file: string, mounts: readonly DataMount[] = []): string | undefined {
  if (posix.normalize(file) !== file || file.endsWith('/')) {
    return 'must be the path of a file without . and .. as a part, and without an empty part'
  }
  const found = mountOf(file, mounts)
  if (found === undefined) return 'is not inside the mountPath of one of the dataMounts of the job'
  return found.mount.readOnly === true ? 'is inside a data mount that is read-only' : undefined
}

/** The innermost data mount that has the file. */
function mountOf (
  file: string, mounts: readonly DataMount[] = []
): { readonly mount: DataMount, readonly rest: string } | undefined {
  const found = mounts
    .map(mount => ({ mount, rest: posix.relative(mount.mountPath, file) }))
    .filter(({ rest }) => rest !== '' && rest !== '..' && !rest.startsWith('../'))
  return found.sort((a, b) => a.rest.length - b.rest.length)[0]
}
