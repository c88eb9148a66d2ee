// Converts the limits of a job into exact quantities of Kubernetes.

import type { V1ResourceRequirements } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'

type Limits = NonNullable<JobSubmission['resourceLimits']>
type LimitType = Limits[number]['type']
type Quantities = Record<string, string>

const BYTES_PER_MB = 1_000_000

/** The resource requirement of a container that each type of limit sets. */
export const QUANTITY_OF = {
  cpuCount: { part: 'limits', resource: 'cpu', write: cpuQuantity },
  cpuRequest: { part: 'requests', resource: 'cpu', write: cpuQuantity },
  memory: { part: 'limits', resource: 'memory', write: memoryQuantity },
  memoryRequest: { part: 'requests', resource: 'memory', write: memoryQuantity },
  nvidiaGpus: { part: 'limits', resource: 'nvidia.com/gpu', write: String },
  amdGpus: { part: 'limits', resource: 'amd.com/gpu', write: String }
} as const satisfies Partial<
  Record<LimitType, { part: 'limits' | 'requests'; resource: string; write: (value: number) => string }>
>

export type KnownLimit = keyof typeof QUANTITY_OF

export function isKnownLimit (type: string): type is KnownLimit {
  return Object.hasOwn(QUANTITY_OF, type)
}

/**
 * Returns limits and requests of the job's container, or undefined if it has none. Kubernetes uses the limit as a
 * missing request.
 */
export function resourceRequirements (requested: Limits = []): V1ResourceRequirements | undefined {
  const quantities: { limits: Quantities, requests: Quantities } = { limits: {}, requests: {} }
  for (const { type, value } of requested) {
    if (!isKnownLimit(type)) continue
    const { part, resource, write } = QUANTITY_OF[type]
    quantities[part][resource] = write(value)
  }
  const { limits, requests } = quantities
  if (Object.keys({ ...limits, ...requests }).length === 0) return undefined
  return {
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(requests).length > 0 && { requests })
  }
}

/** Whole CPUs unchanged; fractions in thousandths, the smallest unit of Kubernetes, rounded up. */
export function cpuQuantity (cpus: number): string {
  if (Number.isInteger(cpus)) return String(cpus)
  // 0.007 * 1000 is a little more than 7.
  return `${Math.ceil(Number((cpus * 1000).toPrecision(12)))}m`
}

/** Whole MB (10^6 bytes) with the suffix M, which means the same to Kubernetes; fractions in bytes, rounded up. */
export function memoryQuantity (megabytes: number): string {
  if (Number.isInteger(megabytes)) return `${megabytes}M`
  return String(Math.ceil(Number((megabytes * BYTES_PER_MB).toPrecision(15))))
}
