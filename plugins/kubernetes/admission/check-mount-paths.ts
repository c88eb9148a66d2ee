// Refuses mount paths in a container that are impossible or reserved. Pure.

import { invalidJob } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { PROCESS_LOGS_FOLDER, STDIN_FOLDER } from '../metadata/names.ts'

/** `runtimePath` is the mount path of the runtime components. Throws InvalidJob, which names the field. */
export function checkMountPaths (
  { mounts = [], dataMounts = [] }: Pick<JobSubmission, 'mounts' | 'dataMounts'>,
  runtimePath?: string
): void {
  const usedPaths = new Map<string, string>()
  const all = [
    ...mounts.map(({ mountPath }, index) => [`mounts[${index}]`, mountPath] as const),
    ...dataMounts.map(({ mountPath }, index) => [`dataMounts[${index}]`, mountPath] as const)
  ]
  for (const [mount, mountPath] of all) {
    const field = `${mount}.mountPath`
    const path = withoutTrailingSlashes(mountPath) || '/'
    if (path.includes(':')) {
      throw invalidJob(field, `${field} has a colon, which Kubernetes does not support: ${path}`)
    }
    if (pathInside(path, STDIN_FOLDER) || pathInside(path, PROCESS_LOGS_FOLDER)) {
      throw invalidJob(field, `${field} ${path} is reserved for the launcher's own files.`)
    }
    if (runtimePath !== undefined && pathInside(path, runtimePath)) {
      throw invalidJob(
        field,
        `${field} ${path} is reserved for the host's runtime components (runtime-mount-path ${runtimePath}).`
      )
    }
    const other = usedPaths.get(path)
    if (other !== undefined) throw invalidJob(field, `${field} ${path} is also the path of ${other}.`)
    usedPaths.set(path, mount)
  }
}
