// Builds what the launcher adds to a pod beside the program's container, piece by piece. Pure.

import type { V1Container, V1ResourceRequirements, V1Volume, V1VolumeMount } from '@kubernetes/client-node'

/** One piece of a pod. */
export interface PodPart {
  /** In the order in which they run. */
  readonly initContainers: readonly V1Container[]
  readonly volumes: readonly V1Volume[]
  /** Mounts of the program's container. */
  readonly volumeMounts: readonly V1VolumeMount[]
}

export const NO_PART: PodPart = { initContainers: [], volumes: [], volumeMounts: [] }

/**
 * An init container. It gets CPU and memory of the job, which costs nothing: it is over before the program starts, and
 * a namespace with a quota wants every container to say what it uses. Devices are for the program only.
 */
export function preparingStep (
  name: string, image: string, resources: V1ResourceRequirements | undefined
): V1Container {
  const limits = ordinary(resources?.limits)
  const requests = ordinary(resources?.requests)
  return {
    name,
    image,
    ...((limits !== undefined || requests !== undefined) && {
      resources: { ...(limits && { limits }), ...(requests && { requests }) }
    }),
    securityContext: { allowPrivilegeEscalation: false }
  }
}

function ordinary (amounts: Readonly<Record<string, string>> = {}): Record<string, string> | undefined {
  const kept = Object.entries(amounts).filter(([resource]) => resource === 'cpu' || resource === 'memory')
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
