// Reads one file of the credentials.

import { LauncherError } from '../../../launcher/errors.ts'
import { readRegularFile, whyUnreadable } from '../../../launcher/lib/read-regular-file.ts'

/** Rejects with FileNotReadable. */
export async function readCredentialFile (path: string): Promise<string> {
  try {
    return (await readRegularFile(path)).toString('utf8')
  } catch (error) {
    throw new LauncherError(
      'FileNotReadable',
      `Cannot read ${path} for the access to Kubernetes: ${whyUnreadable(error)}.`,
      { file: path },
      { cause: error }
    )
  }
}
