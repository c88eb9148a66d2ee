// Converts the host's data folders that a job names into mounts of its pod, and refuses paths that lead outside the
// data. Pure.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import { LauncherError } from '../../../launcher/errors.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'
import type { DataFolder } from '../config/data-folder.ts'
import { NO_PART, type PodPart } from './pod-part.ts'

export type DataMount = NonNullable<JobSubmission['dataMounts']>[number]

/** The name of the volume with all of the data. */
export const DATA_VOLUME = 'host-data'
/** Hexadecimal digits of a hash that tells the volumes with parts of the data apart. */
const PART_DIGITS = 12
/** Matches the names of the volumes with the data, or a part of it. */
export const DATA_VOLUMES = new RegExp(`^${DATA_VOLUME}(-[0-9a-f]{${PART_DIGITS}})?$`)

/**
 * `logFolders` have the process logs. Throws NotSupportedByCluster if the cluster has no data, or DataPathNotAllowed.
 * Both name the field.
 */
export function checkDataMounts (
  mounts: readonly DataMount[] = [],
  data: DataFolder | undefined,
  logFolders: readonly string[] = []
): void {
  if (mounts.length === 0) return
  if (data === undefined) {
    throw new LauncherError(
      'NotSupportedByCluster',
      'The cluster has no data of the host that a job can mount; its operator configures it with data-dir or ' +
      'data-dir-pvc-name (Launcher.DataDir, Launcher.DataDirPVCName).',
      { field: 'dataMounts' }
    )
  }
  mounts.forEach(({ path, waitForFiles = [] }, index) => {
    const paths = [
      [`dataMounts[${index}].path`, path],
      ...waitForFiles.map((file, at) => [`dataMounts[${index}].waitForFiles[${at}]`, file])
    ] as const
    for (const [field, path] of paths) {
      const problem = problemOf(path!)
      if (problem !== undefined) {
        throw new LauncherError('DataPathNotAllowed', `${field} ${problem}: ${JSON.stringify(path)}`, { field })
      }
    }
    if (logFolders.some(folder => overlaps(path, folder))) throw logsNotAllowed(`dataMounts[${index}].path`, path)
  })
}

/** Whether one of the folders is the other, or is in it. */
export function overlaps (path: string, other: string): boolean {
  const [one, two] = [path, other].map(folder => `${withoutTrailingSlashes(folder)}/`) as [string, string]
  return one.startsWith(two) || two.startsWith(one)
}

export function logsNotAllowed (field: string, path: string): LauncherError {
  return new LauncherError(
    'DataPathNotAllowed',
    `${field} leads to the process logs of jobs (log-dir, Launcher.LogDir), which no job can mount: ` +
    JSON.stringify(path),
    { field }
  )
}

function problemOf (path: string): string | undefined {
  if (path.startsWith('/')) return 'is an absolute path'
  const parts = path.split('/')
  if (parts.includes('..')) return 'has a part .., which leads outside the data'
  return parts.includes('') || parts.includes('.') ? 'has a part that is . or empty' : undefined
}

/** The mounts must have passed `checkDataMounts`. */
export function dataParts (mounts: readonly DataMount[] = [], data: DataFolder | undefined): PodPart {
  if (mounts.length === 0 || data === undefined) return NO_PART
  return {
    initContainers: [],
    volumes: [...new Map(mounts.map(({ path }) => dataVolume(path, data)).map(each => [each.name, each])).values()],
    volumeMounts: mounts.map(mount => dataVolumeMount(mount, data))
  }
}

export function dataVolumeMount (
  { path, mountPath, readOnly = false }: DataMount,
  data: DataFolder
): V1VolumeMount {
  const inVolume = data.apartFrom === undefined
    ? join(data.subPath ?? '', path)
    : path.slice(partOf(path, data.apartFrom).length + 1)
  return {
    name: volumeName(path, data),
    mountPath,
    ...(inVolume !== '' && { subPath: inVolume }),
    ...(readOnly && { readOnly })
  }
}

/** The kubelet follows a link in a volume to anywhere in this volume, so it must not have the process logs. */
function dataVolume (path: string, data: DataFolder): V1Volume {
  const { source, apartFrom } = data
  const name = volumeName(path, data)
  if (apartFrom === undefined) return { name, ...source }
  const part = partOf(path, apartFrom)
  const { hostPath, nfs } = source
  return {
    name,
    ...(hostPath && { hostPath: { ...hostPath, path: join(hostPath.path, part) } }),
    ...(nfs && { nfs: { ...nfs, path: join(nfs.path, part) } })
  }
}

function volumeName (path: string, { apartFrom }: Pick<DataFolder, 'apartFrom'>): string {
  if (apartFrom === undefined) return DATA_VOLUME
  const hash = createHash('sha256').update(partOf(path, apartFrom)).digest('hex')
  return `${DATA_VOLUME}-${hash.slice(0, PART_DIGITS)}`
}

/**
 * The first folder of the path that leads to none of `apartFrom`, with the folders above it. No job can write in those,
 * because no job can mount them. A path that one of them lies in, which is admitted no longer, is its own part.
 */
export function partOf (path: string, apartFrom: readonly string[]): string {
  const parts = apartFrom.map(folder => partBeside(path, folder))
  return parts.reduce((longest, part) => part.length > longest.length ? part : longest)
}

function partBeside (path: string, apartFrom: string): string {
  const parts = path.split('/')
  const others = apartFrom.split('/')
  const first = parts.findIndex((part, index) => part !== others[index])
  return first === -1 ? path : parts.slice(0, first + 1).join('/')
}
