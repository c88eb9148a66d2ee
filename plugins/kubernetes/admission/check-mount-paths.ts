// Refuses paths in a container that nothing can be mounted at, or that are reserved. Pure.

import { invalidJob } from '../../../launcher/errors.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { STDIN_FOLDER } from '../metadata/names.ts'

/** `runtimePath` is where the runtime components are mounted. Throws InvalidJob, naming the field. */
export function checkMountPaths (
  { mounts = [], dataMounts = [] }: Pick<JobSubmission, 'mounts' | 'dataMounts'>,
  runtimePath?: string
): void {
  const places = new Map<string, string>()
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
    if (pathInside(path, STDIN_FOLDER)) {
      throw invalidJob(field, `${field} ${path} is reserved for the launcher's own files.`)
    }
    if (runtimePath !== undefined && pathInside(path, runtimePath)) {
      throw invalidJob(
        field,
        `${field} ${path} is reserved for the host's runtime components (runtime-mount-path ${runtimePath}).`
      )
    }
    const other = places.get(path)
    if (other !== undefined) throw invalidJob(field, `${field} ${path} is also the path of ${other}.`)
    places.set(path, mount)
  }
}
