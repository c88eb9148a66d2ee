// Refuses folders of the host's data that lead out of it by a link, where the data is a folder that this machine sees.

import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { DataFolder } from '../config/data-folder.ts'
import type { DataMount } from '../objects/data-mounts.ts'

/**
 * For mounts that `checkDataMounts` has passed. Throws DataPathNotAllowed, naming the field. It tells early and
 * clearly; what holds, also where nothing can be seen from here and when a link is made later, is that the kubelet
 * follows the links of a sub-path itself and mounts nothing that lies outside its volume.
 */
export async function checkDataSymlinks (
  mounts: readonly DataMount[] = [],
  data: DataFolder | undefined
): Promise<void> {
  if (mounts.length === 0 || data?.path === undefined) return
  const folder = await realpath(data.path).catch(() => undefined)
  if (folder === undefined) return
  for (const [index, { path }] of mounts.entries()) {
    const real = await nearestReal(join(folder, path))
    if (pathInside(real, folder)) continue
    const field = `dataMounts[${index}].path`
    throw new LauncherError(
      'DataPathNotAllowed',
      `${field} leads out of the data of the host by a link: ${JSON.stringify(path)}`,
      { field }
    )
  }
}

/** Where a path leads, or what is there of it. */
async function nearestReal (path: string): Promise<string> {
  return await realpath(path).catch(() => nearestReal(dirname(path)))
}
