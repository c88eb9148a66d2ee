// Makes sure that a folder is there and can be written.

import { access, chmod, constants, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LauncherError, systemCode } from '../errors.ts'

/**
 * Creates the folder where it is missing, with `mode` whatever the umask, and those above it with the usual mode. A
 * folder that is there is left as it is. `name` is the setting or key that the path comes from. Throws
 * FolderNotWritable.
 */
export async function writableFolder (path: string, name: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    if (await mkdir(path, { recursive: true }) !== undefined) await chmod(path, mode)
    await access(path, constants.W_OK | constants.X_OK)
    if (!(await stat(path)).isDirectory()) throw notWritable(path, name, 'it is not a folder')
  } catch (error) {
    throw error instanceof LauncherError ? error : notWritable(path, name, systemCode(error) ?? String(error), error)
  }
}

function notWritable (path: string, name: string, why: string, cause?: unknown): LauncherError {
  return new LauncherError('FolderNotWritable', `${name} ${path} cannot be created or written (${why})`, { setting: name, path }, { cause })
}
