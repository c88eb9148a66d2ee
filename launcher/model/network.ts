// The type of the addresses of a job. A part of the contract in launcher/plugin.ts.

/** Where a job's ports can be reached from the launcher's machine. */
export interface Network {
  readonly host: string
  readonly addresses: readonly string[]
  readonly ports: ReadonlyArray<{
    targetPort: number
    publishedPort: number
    protocol: 'TCP' | 'UDP'
    address: string
    /** Whether the job listens on the port; absent if the cluster cannot determine it. */
    listening?: boolean
  }>
  /** The name at which the ports answer inside the cluster as long as the job exists, if the cluster has such names. */
  readonly service?: string
  /** Why the job has no such name yet: a code of launcher/model/reasons.ts, and a sentence for the user. */
  readonly serviceMissing?: { readonly reason: string, readonly message: string }
}
