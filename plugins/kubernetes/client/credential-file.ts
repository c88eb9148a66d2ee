// Reads one file of the credentials.

import { readFile } from 'node:fs/promises'
import { LauncherError, systemCode } from '../../../launcher/errors.ts'

/** Rejects with FileNotReadable. */
export async function readCredentialFile (path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new LauncherError(
      'FileNotReadable',
      `Cannot read ${path} for the access to Kubernetes: ${systemCode(error) ?? 'unknown reason'}.`,
      { file: path },
      { cause: error }
    )
  }
}
