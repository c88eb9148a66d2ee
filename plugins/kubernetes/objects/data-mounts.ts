// Converts the host's data folders that a job names into mounts of its pod, and refuses paths that lead outside the
// data. Pure.

import { join } from 'node:path'
import type { V1VolumeMount } from '@kubernetes/client-node'
import { LauncherError } from '../../../launcher/errors.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'
import type { DataFolder } from '../config/data-folder.ts'
import { NO_PART, type PodPart } from './pod-part.ts'

export type DataMount = NonNullable<JobSubmission['dataMounts']>[number]

export const DATA_VOLUME = 'host-data'

/**
 * `logFolder` has the process logs. Throws NotSupportedByCluster if the cluster has no data, or DataPathNotAllowed.
 * Both name the field.
 */
export function checkDataMounts (
  mounts: readonly DataMount[] = [],
  data: DataFolder | undefined,
  logFolder?: string
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
    if (logFolder !== undefined && overlaps(path, logFolder)) throw logsNotAllowed(`dataMounts[${index}].path`, path)
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
    volumes: [{ name: DATA_VOLUME, ...data.source }],
    volumeMounts: mounts.map(mount => dataVolumeMount(mount, data))
  }
}

export function dataVolumeMount (
  { path, mountPath, readOnly = false }: DataMount,
  { subPath = '' }: DataFolder
): V1VolumeMount {
  return { name: DATA_VOLUME, mountPath, subPath: join(subPath, path), ...(readOnly && { readOnly }) }
}
