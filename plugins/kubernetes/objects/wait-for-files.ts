// Has the pod of a job wait for files of the host's data: what one machine has written on a network file system,
// another may not see yet. Pure.

import { join } from 'node:path'
import type { DataFolder } from '../config/data-folder.ts'
import { dataVolumeMount, type DataMount } from './data-mounts.ts'
import { NO_PART, preparingStep, type PodPart } from './pod-part.ts'
import { verbatim } from './container-command.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { resourceAmounts } from './resource-requirements.ts'

export const WAIT_CONTAINER = 'wait-for-files'
/** How many files a message names. */
const NAMED = 3

/**
 * Reading the folder makes a client of NFS ask its server again. What it waited for in vain is what Kubernetes tells as
 * the message of the container.
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

/** The step runs in the image of the job, which its node needs anyway, with /bin/sh, ls and sleep of it. */
export function waitParts ({ submission }: Pick<RecordedFields, 'submission'>, data: DataFolder | undefined): PodPart {
  const { dataMounts = [], container, resourceLimits } = submission
  const files = filesOf(dataMounts)
  if (files.length === 0 || data === undefined) return NO_PART
  const step = {
    ...preparingStep(WAIT_CONTAINER, container!.image, resourceAmounts(resourceLimits)),
    ...verbatim(['/bin/sh', '-c', '--', SCRIPT, 'sh', String(data.waitSeconds), ...files]),
    volumeMounts: dataMounts
      .filter(({ waitForFiles = [] }) => waitForFiles.length > 0)
      .map(mount => dataVolumeMount({ ...mount, readOnly: true }, data))
  }
  return { ...NO_PART, initContainers: [step] }
}

/** Why a job waits whose pod is at this step. */
export function waitingForFiles (dataMounts: readonly DataMount[] = []): string {
  const files = filesOf(dataMounts)
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : ''
  return `The job waits until ${files.length === 1 ? 'this file is' : 'these files are'} in its data: ` +
    `${files.slice(0, NAMED).join(', ')}${more}.`
}

/** As the containers of the pod see them. */
function filesOf (dataMounts: readonly DataMount[]): string[] {
  return dataMounts.flatMap(({ mountPath, waitForFiles = [] }) => waitForFiles.map(file => join(mountPath, file)))
}
