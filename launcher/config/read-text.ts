// Reads a text file that may be missing.

import { readFile } from 'node:fs/promises'
import { LauncherError, systemCode } from '../errors.ts'

/** Gives the content of a file; undefined if it does not exist. */
export type ReadConf = (path: string) => Promise<string | undefined>

/** Undefined if there is no such file. Throws FileNotReadable with the path and the system's reason otherwise. */
export async function readText (path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new LauncherError(
      'FileNotReadable',
      `${path} cannot be read (${code ?? String(error)})`,
      { file: path },
      { cause: error }
    )
  }
}
