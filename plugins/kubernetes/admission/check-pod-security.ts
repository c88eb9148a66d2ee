// Refuses what a Pod Security level forbids for certain, before the cluster refuses the pod. Pure.

import type { V1Volume } from '@kubernetes/client-node'
import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import { mountParts } from '../objects/mounts.ts'
import type { ObjectSettings } from '../objects/settings.ts'

/** All types of volumes that the level restricted allows. The level baseline forbids only hostPath. */
const RESTRICTED_VOLUMES: readonly string[] = [
  'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'
]

/**
 * Does nothing if no level is enforced. The mounts must have passed `checkMounts`. Throws InvalidJob or
 * NotSupportedByCluster, which name the field.
 */
export function checkPodSecurity (
  { container, dataMounts = [], exposedPorts = [], mounts }: JobSubmission,
  { data, podSecurity, enforcedLevel: level }: Pick<ObjectSettings, 'data' | 'podSecurity' | 'enforcedLevel'>
): void {
  if (podSecurity === 'restricted') checkNotRoot(container)
  if (level === undefined) return
  mountParts(mounts).volumes.forEach((volume, index) => {
    const type = forbiddenType(volume, level)
    if (type === undefined) return
    throw invalidJob(
      `mounts[${index}].type`,
      `mounts[${index}] is a volume of type ${type}, which the Pod Security level ${level} does not allow; mount a ` +
      'persistentVolumeClaim.'
    )
  })
  const dataType = dataMounts.length > 0 && data !== undefined ? forbiddenType(data.source, level) : undefined
  if (dataType !== undefined) {
    throw new LauncherError(
      'NotSupportedByCluster',
      `The data of the host is a volume of type ${dataType}, which the Pod Security level ${level} does not allow; ` +
      'its operator configures a claim with data-dir-pvc-name (Launcher.DataDirPVCName).',
      { field: 'dataMounts' }
    )
  }
  exposedPorts.forEach(({ publishedPort }, index) => {
    if (publishedPort === undefined) return
    const field = `exposedPorts[${index}].publishedPort`
    throw invalidJob(
      field,
      `${field} is ${publishedPort}, and the Pod Security level ${level} does not allow ports of a node; leave it ` +
      'out, and reach the job through its Service.'
    )
  })
}

/** The user of an image is known only to the node, which refuses one that is root. */
function checkNotRoot (container: JobSubmission['container']): void {
  if (container?.runAsUserId !== 0) return
  throw invalidJob(
    'container.runAsUserId',
    'container.runAsUserId is 0, and the Pod Security level restricted does not allow root; set the id of another ' +
    'user.'
  )
}

/** The type of the volume, if the level forbids it. */
export function forbiddenType (volume: Omit<V1Volume, 'name'>, level: PodSecurityLevel): string | undefined {
  const type = Object.keys(volume).find(key => key !== 'name')
  const isForbidden = level === 'baseline'
    ? type === 'hostPath'
    : type !== undefined && !RESTRICTED_VOLUMES.includes(type)
  return isForbidden ? type : undefined
}
