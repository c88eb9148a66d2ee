// What a cluster can do. Types only.

import type { JobSubmission } from './job.ts'
import type { Operation } from './status.ts'

/**
 * Where the output of jobs is kept. `machine`: in files of the launcher's machine. `node`: in the logs of the cluster's
 * nodes, from which the launcher copies it. `data`: in files in the host's data, which the launcher reads.
 */
export const OUTPUT_PLACES = ['machine', 'node', 'data'] as const
export type OutputPlace = (typeof OUTPUT_PLACES)[number]

/**
 * What a cluster can do; shown at GET /v1/clusters/{name}. The core refuses everything else before it calls the plugin.
 */
export interface Capabilities {
  /** Operations that the cluster can carry out. */
  readonly operations: readonly Operation[]
  /** Fields that the cluster cannot honour; a job with one of them is refused with NotSupportedByCluster. */
  readonly unsupportedFields: ReadonlyArray<keyof JobSubmission>
  /** `separate`: stdout and stderr are kept apart. `mixed`: the cluster has one stream, served as `both`. */
  readonly output: 'separate' | 'mixed'
  /** Where new jobs that do not choose a place keep their output. Absent: not known. */
  readonly outputPlace?: OutputPlace
  /** Why this is another place than the configuration prefers, as a sentence; absent if it is the preferred one. */
  readonly outputPlaceMessage?: string
  /** Types of resourceLimits, and whether the cluster enforces them; `note` has what an operator should know. */
  readonly limits: ReadonlyArray<{ type: string, enforced: boolean, note?: string }>
}
