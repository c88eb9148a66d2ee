// Refuses folders that lead outside the host's data by a symbolic link, if this machine can see the data.

import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { DataFolder } from '../config/data-folder.ts'
import type { DataMount } from '../objects/data-mounts.ts'

/**
 * The mounts must have passed `checkDataMounts`. Rejects with DataPathNotAllowed, which names the field. This check
 * only reports early and clearly. The kubelet gives the guarantee, even if this machine cannot see the data or a link
 * is created later: it follows the links of a sub-path itself, and mounts nothing outside its volume.
 */
export async function checkDataSymlinks (
  mounts: readonly DataMount[] = [],
  data: DataFolder | undefined
): Promise<void> {
  if (mounts.length === 0 || data?.path === undefined) return
  const folder = await realpath(data.path).catch(() => undefined)
  if (folder === undefined) return
  for (const [index, { path }] of mounts.entries()) {
    const real = await realPathOfExisting(join(folder, path))
    if (pathInside(real, folder)) continue
    const field = `dataMounts[${index}].path`
    throw new LauncherError(
      'DataPathNotAllowed',
      `${field} leads outside the data of the host by a symbolic link: ${JSON.stringify(path)}`,
      { field }
    )
  }
}

/** The real path, or that of the longest part of the path that exists. */
async function realPathOfExisting (path: string): Promise<string> {
  return await realpath(path).catch(() => realPathOfExisting(dirname(path)))
}
