// Recognizes volumes that are an image, and a server that drops them. Pure.

import type { V1Job, V1Volume } from '@kubernetes/client-node'
import { RUNTIME_VOLUME } from './runtime-components.ts'

/** Whether the runtime components of the host are in an image volume of the Job. */
export function hasRuntimeImage (job: V1Job): boolean {
  return imageVolumes(job).some(({ name }) => name === RUNTIME_VOLUME)
}

/**
 * Whether the server dropped a volume that is an image. It drops it together with its mounts and reports no error.
 * `sent` and `stored` are the same Job, as it was sent and as it was stored.
 */
export function lostImageVolume (sent: V1Job, stored: V1Job): boolean {
  return imageVolumes(stored).length < imageVolumes(sent).length
}

function imageVolumes ({ spec }: V1Job): V1Volume[] {
  return (spec?.template.spec?.volumes ?? []).filter(({ image }) => image !== undefined)
}
