// Makes the pod of a job wait for files in the host's data: on a network file system, one machine may not see yet what
// another has written. Pure.

import { join } from 'node:path'
import type { DataFolder } from '../config/data-folder.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import { dataVolumeMount, type DataMount } from './data-mounts.ts'
import { NO_PART, initContainer, type PodPart } from './pod-part.ts'
import { literalCommand } from './container-command.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { resourceRequirements } from './resource-requirements.ts'

export const WAIT_CONTAINER = 'wait-for-files'
/** Number of files that a message names. */
const MAX_NAMED = 3

/**
 * Listing the folder makes an NFS client query its server again. On failure, the missing file becomes the termination
 * message of the container.
 */
const SCRIPT = `
left=$1; shift
for file do
  until [ -e "$file" ]; do
    [ "$left" -gt 0 ] || { printf %s "$file" > /dev/termination-log; exit 1; }
    left=$((left - 1))
    ls "\${file%/*}" > /dev/null 2>&1
    sleep 1
  done
done`

/**
 * The init container runs in the image of the job, which its node needs anyway. The image must have /bin/sh, ls and
 * sleep.
 */
export function waitParts (
  { submission }: Pick<RecordedFields, 'submission'>,
  data: DataFolder | undefined,
  podSecurity?: PodSecurityLevel
): PodPart {
  const { dataMounts = [], resourceLimits } = submission
  const files = filesOf(dataMounts)
  if (files.length === 0 || data === undefined) return NO_PART
  const container = {
    ...initContainer(
      WAIT_CONTAINER, submission.container!.image, resourceRequirements(resourceLimits), podSecurity
    ),
    ...literalCommand(['/bin/sh', '-c', '--', SCRIPT, 'sh', String(data.waitSeconds), ...files]),
    volumeMounts: dataMounts
      .filter(({ waitForFiles = [] }) => waitForFiles.length > 0)
      .map(mount => dataVolumeMount({ ...mount, readOnly: true }, data))
  }
  return { ...NO_PART, initContainers: [container] }
}

/** The message of a job whose pod runs this container. */
export function waitingForFiles (dataMounts: readonly DataMount[] = []): string {
  const files = filesOf(dataMounts)
  const more = files.length > MAX_NAMED ? ` and ${files.length - MAX_NAMED} more` : ''
  return `The job waits for ${files.length === 1 ? 'this file' : 'these files'} to appear in its data: ` +
    `${files.slice(0, MAX_NAMED).join(', ')}${more}.`
}

/** Whether the job waits for the file, which is a path inside the containers of the pod. */
export function isAwaited (file: string, dataMounts: readonly DataMount[] = []): boolean {
  return filesOf(dataMounts).includes(file)
}

/** The paths of the files inside the containers of the pod. */
function filesOf (dataMounts: readonly DataMount[]): string[] {
  return dataMounts.flatMap(({ mountPath, waitForFiles = [] }) => waitForFiles.map(file => join(mountPath, file)))
}
