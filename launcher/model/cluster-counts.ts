// Counters of the connection to a cluster. A part of the contract in launcher/plugin.ts.

/** Counts events of the connection to a cluster. `kind` is a kind of object, such as Pod. */
export interface ClusterCounts {
  /** A whole list was read. */
  relisted (kind: string): void
  /** A watch had to be opened again; `cause` is one of a few words. */
  reconnected (kind: string, cause: string): void
  /** The cluster asked the launcher to slow down. */
  throttled (): void
  /** Following a job's output had to start again. */
  outputReopened (): void
  /** A job's output had this many lines that the cluster itself wrote, and that were left out. */
  foreignLines (lines: number): void
  /** The policy files have new content. `ok`: it is in force; otherwise it is invalid. */
  policyLoaded (ok: boolean): void
  /**
   * From now on `ageMs` returns how many milliseconds ago the cluster last reported objects of this kind, or undefined
   * if it never has.
   */
  showAge (kind: string, ageMs: () => number | undefined): void
  /** From now on `freeBytes` returns the free bytes of the host's data, or undefined if they are not known. */
  showDataSpace (freeBytes: () => number | undefined): void
}
