// Reads a text file that may be missing.

import { LauncherError, systemCode } from '../errors.ts'
import { readRegularFile, whyUnreadable } from '../lib/read-regular-file.ts'

/** Resolves with the content of a file, or with undefined if it does not exist. */
export type ReadConf = (path: string) => Promise<string | undefined>

/** Resolves with undefined if the file does not exist. Rejects with FileNotReadable (path and reason). */
export async function readText (path: string): Promise<string | undefined> {
  try {
    return (await readRegularFile(path)).toString('utf8')
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new LauncherError(
      'FileNotReadable',
      `${path} cannot be read (${whyUnreadable(error)})`,
      { file: path },
      { cause: error }
    )
  }
}
