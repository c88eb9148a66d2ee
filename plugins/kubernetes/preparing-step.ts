// Builds what all init containers of the launcher have in common. Pure.

import type { V1Container, V1ResourceRequirements } from '@kubernetes/client-node'

/**
 * It gets CPU and memory of the job, which costs nothing: they are over before the program starts, and a namespace with a
 * quota wants every container to say what it uses. Devices are for the program only.
 */
export function preparingStep (name: string, image: string, resources: V1ResourceRequirements | undefined): V1Container {
  const limits = ordinary(resources?.limits)
  const requests = ordinary(resources?.requests)
  return {
    name,
    image,
    ...((limits !== undefined || requests !== undefined) && { resources: { ...(limits && { limits }), ...(requests && { requests }) } }),
    securityContext: { allowPrivilegeEscalation: false }
  }
}

function ordinary (amounts: Readonly<Record<string, string>> = {}): Record<string, string> | undefined {
  const kept = Object.entries(amounts).filter(([resource]) => resource === 'cpu' || resource === 'memory')
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
