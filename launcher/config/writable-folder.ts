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
    if (await makeFolder(path)) await chmod(path, mode)
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new LauncherError('FolderNotWritable',
      `${name} ${path} cannot be created or written (${systemCode(error) ?? String(error)})`,
      { setting: name, path }, { cause: error })
  }
}

/**
 * Whether it had to be made. The recursive mkdir of Node never ends where a folder that is there answers ENOENT, as
 * /proc and automounted ones do.
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
