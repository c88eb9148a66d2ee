// The parts that the launcher adds to a pod besides the program's container. Pure.

import type { V1Container, V1ResourceRequirements, V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import { containerSecurity } from './security-context.ts'

/** The init containers, volumes and mounts of one feature. */
export interface PodPart {
  /** In the order in which they run. */
  readonly initContainers: readonly V1Container[]
  readonly volumes: readonly V1Volume[]
  /** Mounts of the program's container. */
  readonly volumeMounts: readonly V1VolumeMount[]
}

export const NO_PART: PodPart = { initContainers: [], volumes: [], volumeMounts: [] }

/**
 * Builds an init container. It gets the job's CPU and memory, because a namespace with a quota requires every container
 * to declare them. That costs nothing: an init container has ended before the program starts. It gets no devices.
 */
export function initContainer (
  name: string,
  image: string,
  resources: V1ResourceRequirements | undefined,
  podSecurity?: PodSecurityLevel
): V1Container {
  const limits = cpuAndMemory(resources?.limits)
  const requests = cpuAndMemory(resources?.requests)
  return {
    name,
    image,
    ...((limits !== undefined || requests !== undefined) && {
      resources: { ...(limits && { limits }), ...(requests && { requests }) }
    }),
    securityContext: containerSecurity(podSecurity)
  }
}

function cpuAndMemory (quantities: Readonly<Record<string, string>> = {}): Record<string, string> | undefined {
  const kept = Object.entries(quantities).filter(([resource]) => resource === 'cpu' || resource === 'memory')
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
