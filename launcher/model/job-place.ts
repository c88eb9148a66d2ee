// The type of the place of a cluster's jobs. A part of the contract in launcher/plugin.ts.

/** Where a cluster has its jobs in the backend. Two clusters in one place would adopt each other's jobs. */
export interface JobPlace {
  /** Equal for two configurations that have the same place. */
  readonly id: string
  /** The place in words, such as "the namespace jobs of the API server https://10.0.0.1:6443". */
  readonly words: string
  /** The conf key that gives a cluster another place. */
  readonly key: string
}
