// What the host adds to the container of every job: an init container copies it into a volume that the program's can
// read. Pure.

import type { V1ResourceRequirements } from '@kubernetes/client-node'
import { isImageName } from '../../../launcher/lib/image-name.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { runtimeImage } from '../../../launcher/lib/runtime-image.ts'
import type { KubernetesConfig } from '../config/keys.ts'
import { NO_PART, preparingStep, type PodPart } from './pod-part.ts'
import { STDIN_FOLDER } from './container-command.ts'

export interface RuntimeComponents {
  readonly image: string
  /** Where the program's container finds them. */
  readonly mountPath: string
}

export type RuntimeKeys = Partial<Pick<KubernetesConfig, 'host-version' | 'runtime-init-image' | 'runtime-mount-path'>>

export const RUNTIME_VOLUME = 'rsc-volume'
export const RUNTIME_CONTAINER = 'runtime-init'
/** Where the image's own program expects an empty folder that it copies them into. */
const COPIED_INTO = '/mnt/rstudio-connect-runtime'

/** Undefined when there are none, or when what `runtimeProblems` says is wrong. */
export function runtimeOf (keys: RuntimeKeys): RuntimeComponents | undefined {
  const decided = decide(keys)
  const mountPath = keys['runtime-mount-path']
  return decided !== undefined && 'image' in decided && mountPath !== undefined
    ? { image: decided.image, mountPath }
    : undefined
}

export function runtimeProblems (keys: RuntimeKeys): Problem[] {
  const decided = decide(keys)
  if (decided === undefined) return []
  const mountPath = keys['runtime-mount-path'] ?? ''
  return [
    ...('problem' in decided ? [{ key: 'runtime-init-image', problem: decided.problem }] : []),
    ...(pathInside(mountPath, STDIN_FOLDER) || pathInside(STDIN_FOLDER, mountPath)
      ? [
          {
            key: 'runtime-mount-path',
            problem: `is ${mountPath}, which is kept for the launcher's own files (${STDIN_FOLDER}); ` +
              'give another folder'
          }
        ]
      : [])
  ]
}

function decide (keys: RuntimeKeys) {
  const image = keys['runtime-init-image']
  if (image === undefined) return undefined
  return isImageName(image)
    ? runtimeImage(image, keys['host-version'], 'host-version')
    : { problem: `is not the name of an image: ${JSON.stringify(image)}` }
}

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
