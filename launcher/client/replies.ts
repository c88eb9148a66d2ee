// The shapes of the launcher's replies as a client reads them.

import type { Operation } from '../model/status.ts'
import type { PublicJob } from '../jobs/public-job.ts'
import type { ExplainedObject, Explanation, Entitlements } from '../plugin.ts'

/** A job as the API shows it whole. */
export type ClientJob = PublicJob
  & Required<Pick<PublicJob, 'name' | 'user' | 'cluster' | 'status' | 'revision' | 'submissionTime' | 'lastUpdateTime'>>

export interface ClientNetwork {
  readonly host: string
  readonly addresses: readonly string[]
  readonly ports: ReadonlyArray<{
    targetPort: number, publishedPort: number, protocol: string, address: string, listening?: boolean
  }>
}

export interface ClientCluster {
  readonly name: string
  readonly type: string
  readonly ready: boolean
  readonly message?: string
  readonly operations: readonly Operation[]
  readonly unsupportedFields: readonly string[]
  readonly output: 'separate' | 'mixed'
  /** As they are for the user that the client acts for. */
  readonly limits: ReadonlyArray<Entitlements['limits'][number] & { enforced: boolean, note?: string }>
  readonly ownLimits: boolean
  readonly images?: Entitlements['images']
  readonly otherImages?: boolean
  readonly resourceProfiles?: Entitlements['resourceProfiles']
  readonly serviceAccounts?: readonly string[]
  /** Times in ISO 8601. */
  readonly policy: { since: string, lastTried: string, problem?: string }
  readonly waitingJobs: number
  readonly maxWaitingJobs: number
}

/** What would become of a job, and why. */
export interface ClientExplanation extends Pick<Explanation, 'resourceProfile' | 'image'> {
  readonly cluster: string
  readonly user: string
  readonly groups: readonly string[]
  readonly accepted: boolean
  /** A submission gets the first. */
  readonly refusals: ReadonlyArray<
    { readonly code: string; readonly detail: string; readonly help: string } & Readonly<Record<string, unknown>>
  >
  readonly limits: ReadonlyArray<Explanation['limits'][number] & { enforced: boolean; note?: string }>
  /** `text` and `origins` for the host and administrators only. */
  readonly objects?: ReadonlyArray<Pick<ExplainedObject, 'kind' | 'name' | 'verdict'> & Partial<ExplainedObject>>
}

export interface Readiness {
  readonly ready: boolean
  /** Whether the jobs of an earlier launcher were taken up. */
  readonly adopted: boolean
  readonly clusters: ReadonlyArray<{ name: string, ready: boolean, message?: string }>
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
}
