// Refuses places in a container that cannot be mounted at, or are kept for others. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
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
    if (path.includes(':')) throw invalid(field, `has a colon, which Kubernetes does not take: ${path}`)
    if (pathInside(path, STDIN_FOLDER)) throw invalid(field, `${path} is kept for the launcher's own files.`)
    if (runtimePath !== undefined && pathInside(path, runtimePath)) {
      throw invalid(
        field,
        `${path} is kept for the runtime components of the host (runtime-mount-path ${runtimePath}).`
      )
    }
    const other = places.get(path)
    if (other !== undefined) throw invalid(field, `${path} is that of ${other} too.`)
    places.set(path, mount)
  }
}

function invalid (field: string, problem: string): LauncherError {
  return new LauncherError('InvalidJob', `${field} ${problem}`, { field })
}
