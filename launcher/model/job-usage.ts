// What a job has used of CPU and memory, which stays with it after its end.

/** What a job used until it ended. A figure that is not known is absent. */
export interface JobUsage {
  /** Seconds of CPU, user and system, of all of its processes. */
  readonly cpuSeconds?: number
  /** The most memory that it used at any time. */
  readonly peakMemoryBytes?: number
  /**
   * The figures that come from measurements while the job ran. The true value may be higher. The backend itself counted
   * the others.
   */
  readonly sampled?: ReadonlyArray<'cpuSeconds' | 'peakMemoryBytes'>
}
