// A history as data: jobs, what is asked of them, and what goes wrong meanwhile. It can be made from a seed.

import type { Operation } from '../../launcher/plugin.ts'
import type { Crash } from './crash-point.ts'
import type { Fault } from './fault.ts'

export interface PlannedJob {
  /** Lines that its program writes. */
  readonly lines: number
  readonly exitCode: number
  /**
   * `told` and `never`: the program waits when it has written its lines; `never` ends only by what is asked of the job.
   */
  readonly ends: 'itself' | 'told' | 'never'
  /** In this order, once it has written its lines; `cancel` at once. */
  readonly asks: readonly Operation[]
  /** Lines of its standard input, which it writes first. */
  readonly stdin?: number
  readonly port?: true
  /** At its end somebody deletes its pod, which is what ends it. */
  readonly struck?: true
}

export interface History {
  readonly jobs: readonly PlannedJob[]
  /** One waits for the one before. */
  readonly crashes: readonly Crash[]
  /** Between the launcher and the API server. */
  readonly faults?: readonly Fault[]
}
