// Refuses folders that lead out of their volume, or to process logs, by a symbolic link, if the launcher sees the data.

import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { DataFolder } from '../config/data-folder.ts'
import type { ProcessLogs } from '../config/process-logs.ts'
import { logsNotAllowed, overlaps, partOf, type DataMount } from '../objects/data-mounts.ts'

/** See path_resolution(7). */
const MAX_LINKS = 40

/**
 * The mounts must have passed `checkDataMounts`. Rejects with DataPathNotAllowed, which names the field. This check
 * only reports early and clearly. The kubelet gives the guarantee, even if this machine cannot see the data or a link
 * is created later: it follows the links of a sub-path itself, and mounts nothing outside its volume. A claim is one
 * volume with the process logs: there, a link that is created later leads to folders whose names are secret, and to
 * files that only the launcher can read. Neither stops a container that runs as root.
 */
export async function checkDataSymlinks (
  mounts: readonly DataMount[] = [],
  { dataPath }: Pick<ProcessLogs, 'dataPath'>,
  { logFolders = [], data: { apartFrom } = {} }: {
    readonly logFolders?: readonly string[], readonly data?: Pick<DataFolder, 'apartFrom'>
  }
): Promise<void> {
  if (mounts.length === 0 || dataPath === undefined) return
  const folder = await realpath(dataPath).catch(() => undefined)
  if (folder === undefined) return
  const logs = await Promise.all(logFolders.map(async logFolder => await realPath(join(folder, logFolder))))
  for (const [index, { path }] of mounts.entries()) {
    const real = await realPath(join(folder, path))
    const field = `dataMounts[${index}].path`
    if (logs.some(place => overlaps(real, place))) throw logsNotAllowed(field, path)
    if (!pathInside(real, folder)) throw linkNotAllowed(field, path, 'outside the data of the host')
    if (apartFrom === undefined) continue
    const part = partOf(path, apartFrom)
    if (pathInside(real, join(folder, part))) continue
    throw linkNotAllowed(
      field, path, `outside ${JSON.stringify(part)}`, ` Name the folder that it leads to, ${relative(folder, real)}.`
    )
  }
}

function linkNotAllowed (field: string, path: string, where: string, help = ''): LauncherError {
  const message = `${field} leads ${where} by a symbolic link: ${JSON.stringify(path)}${help && `.${help}`}`
  return new LauncherError('DataPathNotAllowed', message, { field })
}

/** Follows the links of the path, also one that leads to what does not exist yet, but no more than Linux does. */
async function realPath (path: string, links = { left: MAX_LINKS }): Promise<string> {
  const existing = await realpath(path).catch(() => undefined)
  if (existing !== undefined) return existing
  const parent = await realPath(dirname(path), links)
  const here = join(parent, basename(path))
  const target = links.left === 0 ? undefined : await readlink(here).catch(() => undefined)
  if (target === undefined) return here
  links.left -= 1
  return await realPath(resolve(parent, target), links)
}
