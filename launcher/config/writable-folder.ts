// Ensures that a folder exists and is writable.

import { access, chmod, constants, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LauncherError, systemCode } from '../errors.ts'

/**
 * Creates the folder if it is missing, with `mode` regardless of the umask, and missing parents with the default mode.
 * Leaves an existing folder as it is. `name` is the setting or key that the path comes from. Rejects with
 * FolderNotWritable.
 */
export async function writableFolder (path: string, name: string, mode: number): Promise<void> {
  try {
    if (await makeFolder(path)) await chmod(path, mode)
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new LauncherError('FolderNotWritable',
      `${name} ${path} cannot be created or written (${systemCode(error) ?? String(error)})`,
      { setting: name, path }, { cause: error })
  }
}

/**
 * Resolves with whether it created the folder. Node's recursive mkdir never ends if an existing folder answers ENOENT,
 * as /proc and automounted folders do.
 */
async function makeFolder (path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false
    if (systemCode(error) !== 'ENOENT' || !await makeFolder(dirname(path))) throw error
    return await makeFolder(path)
  }
}
