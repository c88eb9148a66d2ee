// The shapes of the launcher's replies as a client reads them.

import type { JobStatus, JobSubmission, Operation } from '../jobs/job.ts'

/** A job as the API shows it. Times are ISO 8601; of secrets and standard input only names or nothing are shown. */
export interface ClientJob extends Partial<Omit<JobSubmission, 'secrets' | 'stdin' | 'name' | 'user' | 'cluster' | 'host'>> {
  readonly id: string
  readonly name: string
  readonly user: string
  readonly cluster: string
  readonly status: JobStatus
  readonly revision: number
  readonly submissionTime: string
  readonly lastUpdateTime: string
  readonly startTime?: string
  readonly endTime?: string
  readonly reason?: string
  readonly message?: string
  readonly exitCode?: number
  readonly pid?: number
  readonly host?: string
}

export interface ClientNetwork {
  readonly host: string
  readonly addresses: readonly string[]
  readonly ports: ReadonlyArray<{ targetPort: number, publishedPort: number, protocol: string, address: string }>
}

export interface ClientCluster {
  readonly name: string
  readonly type: string
  readonly ready?: boolean
  readonly message?: string
  readonly operations?: readonly Operation[]
  readonly output?: 'separate' | 'mixed'
  readonly [fact: string]: unknown
}

/** Which jobs to list. Several statuses or users: any of them; several tags: all of them. */
export interface JobFilter {
  readonly status?: readonly string[] | undefined
  readonly tag?: readonly string[] | undefined
  readonly user?: string | undefined
  readonly cluster?: string | undefined
  /** ISO 8601. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly fields?: readonly string[] | undefined
}
