// Builds what the host adds to every pod: a volume with the runtime components, which the program's container can read.
// It is the image that has them, or an empty one into which an init container copies them. Pure.

import type { V1ResourceRequirements } from '@kubernetes/client-node'
import { RUNTIME_COPY_TARGET } from '../config/runtime-keys.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import type { RuntimeComponents } from '../config/runtime.ts'
import { usesImageVolume } from '../config/runtime-delivery.ts'
import { NO_PART, initContainer, type PodPart } from './pod-part.ts'

export const RUNTIME_VOLUME = 'rsc-volume'
export const RUNTIME_CONTAINER = 'runtime-init'

interface PodSettings {
  readonly podSecurity?: PodSecurityLevel
  readonly imageVolumes?: boolean
}

/** `resources` are those of the job. */
export function runtimeParts (
  runtime: RuntimeComponents | undefined,
  resources: V1ResourceRequirements | undefined,
  { podSecurity, imageVolumes = false }: PodSettings = {}
): PodPart {
  if (runtime === undefined) return NO_PART
  const { image, mountPath } = runtime
  if (usesImageVolume(runtime, imageVolumes)) return imageVolume(runtime)
  return {
    initContainers: [
      {
        ...initContainer(RUNTIME_CONTAINER, image, resources, podSecurity),
        volumeMounts: [{ name: RUNTIME_VOLUME, mountPath: RUNTIME_COPY_TARGET }]
      }
    ],
    volumes: [{ name: RUNTIME_VOLUME, emptyDir: {} }],
    volumeMounts: [{ name: RUNTIME_VOLUME, mountPath, readOnly: true }]
  }
}

function imageVolume ({ image, mountPath, imagePath = '/' }: RuntimeComponents): PodPart {
  const subPath = imagePath.slice(1)
  return {
    initContainers: [],
    volumes: [{ name: RUNTIME_VOLUME, image: { reference: image } }],
    volumeMounts: [{ name: RUNTIME_VOLUME, mountPath, readOnly: true, ...(subPath !== '' && { subPath }) }]
  }
}
