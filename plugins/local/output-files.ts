// Says which files a job's output is in.

import type { OutputFile } from '../../launcher/plugin-kit/file-output.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'

/**
 * `uid` is that of the job's user, whose files those of the job's own choice must be; undefined: they may be anybody's.
 */
export function outputFiles (
  { stdoutFile, stderrFile }: JobSubmission,
  folder: string,
  uid: number | undefined
): OutputFile[] {
  const file = (stream: 'stdout' | 'stderr', path: string | undefined): OutputFile =>
    path === undefined ? { stream, path: `${folder}/${stream}` } : { stream, path, given: { uid } }
  return [file('stdout', stdoutFile), file('stderr', stderrFile)]
}
