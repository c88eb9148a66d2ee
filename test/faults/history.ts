// A history as data: jobs, the operations requested of them, and the faults meanwhile. It can be generated from a seed.

import type { Operation } from '../../launcher/plugin.ts'
import type { Crash } from './crash-point.ts'
import type { Fault } from './fault.ts'

export interface PlannedJob {
  /** Lines that its program writes. */
  readonly lines: number
  readonly exitCode: number
  /**
   * `signal` and `never`: the program waits after its lines. With `signal` the test ends it; with `never` only a
   * requested operation does.
   */
  readonly ends: 'itself' | 'signal' | 'never'
  /** Requested in this order, after the program has written its lines; `cancel` at once. */
  readonly asks: readonly Operation[]
  /** Number of lines of its standard input, which the program writes first. */
  readonly stdin?: number
  readonly port?: true
  /** Another client deletes its pod at the end, which ends the job. */
  readonly podDeleted?: true
}

export interface History {
  readonly jobs: readonly PlannedJob[]
  /** Each crash waits for the previous one. */
  readonly crashes: readonly Crash[]
  /** Faults between the launcher and the API server. */
  readonly faults?: readonly Fault[]
}
