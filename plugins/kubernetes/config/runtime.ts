// Decides which runtime components of the host are added to the container of every job. Pure.

import { IMAGE_FORM, isImageName } from '../../../launcher/lib/image-name.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import type { KeyRules } from '../../../launcher/plugin.ts'
import { PROCESS_LOGS_FOLDER, STDIN_FOLDER } from '../metadata/names.ts'
import type { KubernetesKeys } from './keys.ts'
import type { RuntimeDelivery } from './runtime-delivery.ts'
import { runtimeImage } from './runtime-image.ts'

export interface RuntimeComponents {
  readonly image: string
  /** The path of the components in the job's container. */
  readonly mountPath: string
  readonly delivery: RuntimeDelivery
  /** The path of the components in the image; `/` is the whole image. Missing: it is unknown. */
  readonly imagePath?: string
}

export type RuntimeKeys = Partial<Pick<KubernetesKeys, 'host-version' | 'runtime-init-image' | 'runtime-image-path'>> &
  Pick<KubernetesKeys, 'runtime-mount-path' | 'runtime-delivery'>

/** Undefined if none are configured, or if a rule is broken. */
export function runtimeOf (
  keys: RuntimeKeys,
  rules: Pick<KeyRules, 'report' | 'nameOf'>
): RuntimeComponents | undefined {
  const {
    'runtime-init-image': image,
    'host-version': version,
    'runtime-mount-path': mountPath,
    'runtime-delivery': delivery,
    'runtime-image-path': imagePath
  } = keys
  if (image === undefined) return undefined
  const decided = isImageName(image)
    ? runtimeImage(image, version, rules.nameOf('host-version'))
    : { problem: `is not ${IMAGE_FORM}: ${JSON.stringify(image)}` }
  if ('problem' in decided) rules.report('runtime-init-image', decided.problem)
  const reserved = [STDIN_FOLDER, PROCESS_LOGS_FOLDER]
    .find(folder => pathInside(mountPath, folder) || pathInside(folder, mountPath))
  if (reserved !== undefined) {
    rules.report(
      'runtime-mount-path',
      `is ${mountPath}, which is reserved for the launcher's own files (${reserved}); set another folder`
    )
  }
  if (delivery === 'image-volume' && imagePath === undefined) {
    rules.report('runtime-delivery', imagePathMissing(rules.nameOf('runtime-image-path')))
  }
  return 'image' in decided
    ? { image: decided.image, mountPath, delivery, ...(imagePath !== undefined && { imagePath }) }
    : undefined
}

/** Completes a sentence that begins with the key that is image-volume. `name` is that of runtime-image-path. */
export function imagePathMissing (name: string): string {
  return `is image-volume, and ${name} is not set; set it to the folder of the runtime image that has the ` +
    'components (/ is the whole image)'
}
