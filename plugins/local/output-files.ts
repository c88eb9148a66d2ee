// Lists the files that contain a job's output.

import type { OutputFile } from '../../launcher/plugin-kit/file-output.ts'
import type { UserFile } from '../../launcher/plugin-kit/user-file.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'

/** `openAsUser` opens a file that the job chose, as the job's user. */
export function outputFiles (
  { stdoutFile, stderrFile }: JobSubmission,
  folder: string,
  openAsUser: (path: string, offset: number) => Promise<UserFile | undefined>
): OutputFile[] {
  const file = (stream: 'stdout' | 'stderr', path: string | undefined): OutputFile =>
    path === undefined
      ? { stream, path: `${folder}/${stream}` }
      : { stream, path, openAsUser: offset => openAsUser(path, offset) }
  return [file('stdout', stdoutFile), file('stderr', stderrFile)]
}
