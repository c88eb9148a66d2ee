// Refuses folders that lead outside the host's data, or to process logs, by a symbolic link, if the launcher sees the
// data.

import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { ProcessLogs } from '../config/process-logs.ts'
import { logsNotAllowed, overlaps, type DataMount } from '../objects/data-mounts.ts'

/**
 * The mounts must have passed `checkDataMounts`. Rejects with DataPathNotAllowed, which names the field. This check
 * only reports early and clearly. The kubelet gives the guarantee, even if this machine cannot see the data or a link
 * is created later: it follows the links of a sub-path itself, and mounts nothing outside its volume. A link to process
 * logs that is created later leads to folders whose names are secret, and to files that only the launcher can read.
 * Neither stops a container that runs as root.
 */
export async function checkDataSymlinks (
  mounts: readonly DataMount[] = [],
  { dataPath, folder: logFolder }: Pick<ProcessLogs, 'dataPath' | 'folder'>
): Promise<void> {
  if (mounts.length === 0 || dataPath === undefined) return
  const folder = await realpath(dataPath).catch(() => undefined)
  if (folder === undefined) return
  const logs = await realPath(join(folder, logFolder))
  for (const [index, { path }] of mounts.entries()) {
    const real = await realPath(join(folder, path))
    const field = `dataMounts[${index}].path`
    if (overlaps(real, logs)) throw logsNotAllowed(field, path)
    if (pathInside(real, folder)) continue
    throw new LauncherError(
      'DataPathNotAllowed',
      `${field} leads outside the data of the host by a symbolic link: ${JSON.stringify(path)}`,
      { field }
    )
  }
}

/** Follows the links of the longest part of the path that exists. */
async function realPath (path: string): Promise<string> {
  return await realpath(path).catch(async () => join(await realPath(dirname(path)), basename(path)))
}
