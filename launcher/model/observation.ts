// The types of what a plugin observes of a job. A part of the contract in launcher/plugin.ts.

import type { JobUsage } from './job-usage.ts'
import type { Outcome } from './job.ts'
import type { JobNetwork } from './network.ts'
import type { OutputTruncated } from './output-truncated.ts'

/** What the backend shows of one job now. */
export type Observation =
  /** No trace of the job exists. If the backend had accepted it, it is lost; otherwise the core starts it. */
  | { readonly state: 'absent' }
  /** Objects or files exist, but nothing has claimed the right to run. The core calls start again. */
  | { readonly state: 'created' }
  /** Accepted, but not running yet. */
  | PendingObservation
  /** Running, or suspended. */
  | ActiveObservation
  /** Ended, and all output is available. A repeated call must report the same outcome. Times in ms since 1970. */
  | EndedObservation

export interface EndedObservation {
  readonly state: 'ended'
  readonly outcome: Outcome
  readonly startTime?: number
  readonly endTime?: number
  /** As in ActiveObservation. */
  readonly outputTruncated?: OutputTruncated
  /** The figures that the backend itself counted. The core adds those that it has measured. */
  readonly usage?: Omit<JobUsage, 'sampled'>
}

export interface PendingObservation {
  readonly state: 'pending'
  /** A code of launcher/model/reasons.ts for what the job waits for. */
  readonly reason?: string
  /** What the job waits for, in a sentence that an ordinary user understands. */
  readonly message?: string
  /** Milliseconds after which the core observes the job again, even if no change is reported. */
  readonly requeueAfterMs?: number
}

export interface ActiveObservation {
  readonly state: 'running' | 'suspended'
  /** Milliseconds since 1970. */
  readonly startTime: number
  readonly pid?: number
  readonly host?: string
  /** A code of launcher/model/reasons.ts for what a running job lacks. */
  readonly reason?: string
  /** Something that the user should know while the job runs, such as a limit that is not enforced. */
  readonly message?: string
  /**
   * Output is known to be incomplete, or its end could not be read. The core keeps the reason with the job, also if a
   * later observation has none.
   */
  readonly outputTruncated?: OutputTruncated
  /**
   * The program has run longer than the job's timeout, by the backend's clock. The core then requests a stop, unless
   * the job was asked to end before. `timeoutOf` of the plugin kit decides it.
   */
  readonly timedOut?: true
  /**
   * Milliseconds after which the core observes the job again, even if no change is reported, such as the rest of a
   * stop's grace.
   */
  readonly requeueAfterMs?: number
  /**
   * When all ports with `ready` had answered, in milliseconds since 1970. The core keeps the first. `readinessOf` of
   * the plugin kit decides what an observation says until then.
   */
  readonly readyTime?: number
  /** Where the ports of the job are, if the plugin knows it without waiting. Absent: as before. */
  readonly network?: JobNetwork
}
