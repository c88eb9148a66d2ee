// What the host adds to the container of every job: an init container copies it into a volume that the program's can
// read. Pure.

import type { V1ResourceRequirements } from '@kubernetes/client-node'
import type { RuntimeComponents } from '../config/runtime.ts'
import { NO_PART, preparingStep, type PodPart } from './pod-part.ts'

export const RUNTIME_VOLUME = 'rsc-volume'
export const RUNTIME_CONTAINER = 'runtime-init'
/** Where the image's own program expects an empty folder that it copies them into. */
const COPIED_INTO = '/mnt/rstudio-connect-runtime'

/** What they add to a pod. `resources` are those of the job. */
export function runtimeParts (
  runtime: RuntimeComponents | undefined,
  resources: V1ResourceRequirements | undefined
): PodPart {
  if (runtime === undefined) return NO_PART
  const { image, mountPath } = runtime
  return {
    initContainers: [
      {
        ...preparingStep(RUNTIME_CONTAINER, image, resources),
        volumeMounts: [{ name: RUNTIME_VOLUME, mountPath: COPIED_INTO }]
      }
    ],
    volumes: [{ name: RUNTIME_VOLUME, emptyDir: {} }],
    volumeMounts: [{ name: RUNTIME_VOLUME, mountPath, readOnly: true }]
  }
}
