// Turns the limits of a job into amounts as Kubernetes writes them, exactly.

import type { V1ResourceRequirements } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'

type Limits = NonNullable<JobSubmission['resourceLimits']>
type LimitType = Limits[number]['type']
type Amounts = Record<string, string>

const BYTES_PER_MB = 1_000_000

/** Which amount of a container each type of limit is. */
export const AMOUNT_OF = {
  cpuCount: { part: 'limits', resource: 'cpu', write: cpuAmount },
  cpuRequest: { part: 'requests', resource: 'cpu', write: cpuAmount },
  memory: { part: 'limits', resource: 'memory', write: memoryAmount },
  memoryRequest: { part: 'requests', resource: 'memory', write: memoryAmount },
  nvidiaGpus: { part: 'limits', resource: 'nvidia.com/gpu', write: String },
  amdGpus: { part: 'limits', resource: 'amd.com/gpu', write: String }
} as const satisfies Partial<
  Record<LimitType, { part: 'limits' | 'requests'; resource: string; write: (value: number) => string }>
>

export type KnownLimit = keyof typeof AMOUNT_OF

export function isKnownLimit (type: string): type is KnownLimit {
  return Object.hasOwn(AMOUNT_OF, type)
}

/**
 * Limits and requests of the job's container; undefined when there are none. A request that is not given is its limit.
 */
export function resourceAmounts (asked: Limits = []): V1ResourceRequirements | undefined {
  const amounts: { limits: Amounts, requests: Amounts } = { limits: {}, requests: {} }
  for (const { type, value } of asked) {
    if (!isKnownLimit(type)) continue
    const { part, resource, write } = AMOUNT_OF[type]
    amounts[part][resource] = write(value)
  }
  const { limits, requests } = amounts
  if (Object.keys({ ...limits, ...requests }).length === 0) return undefined
  return {
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(requests).length > 0 && { requests })
  }
}

/** CPUs: whole ones as they are, fractions in thousandths, the smallest amount there is, rounded up. */
export function cpuAmount (cpus: number): string {
  if (Number.isInteger(cpus)) return String(cpus)
  // 0.007 * 1000 is a little more than 7.
  return `${Math.ceil(Number((cpus * 1000).toPrecision(12)))}m`
}

/** Memory from MB of 10^6 bytes: whole ones with the suffix M, which means the same; others in bytes, rounded up. */
export function memoryAmount (megabytes: number): string {
  if (Number.isInteger(megabytes)) return `${megabytes}M`
  return String(Math.ceil(Number((megabytes * BYTES_PER_MB).toPrecision(15))))
}
