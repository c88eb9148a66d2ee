// Builds what the host adds to every pod: an init container copies the runtime components into a volume that the
// program's container can read. Pure.

import type { V1ResourceRequirements } from '@kubernetes/client-node'
import { RUNTIME_COPY_TARGET } from '../config/keys.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import type { RuntimeComponents } from '../config/runtime.ts'
import { NO_PART, initContainer, type PodPart } from './pod-part.ts'

export const RUNTIME_VOLUME = 'rsc-volume'
export const RUNTIME_CONTAINER = 'runtime-init'

/** `resources` are those of the job. */
export function runtimeParts (
  runtime: RuntimeComponents | undefined,
  resources: V1ResourceRequirements | undefined,
  podSecurity?: PodSecurityLevel
): PodPart {
  if (runtime === undefined) return NO_PART
  const { image, mountPath } = runtime
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
